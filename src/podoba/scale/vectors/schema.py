"""How a collection lies in Milvus: the fields of an item, and the facts of the model among the collection's properties."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Mapping
from typing import Any

from podoba.arrays import Floats
from podoba.collection.storage.items import Item, clean_attributes
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.record import Attribute

VERSION = 1
SCHEMA, FACT, ATTRIBUTE = "podoba.schema", "podoba.fact.", "podoba.attribute."  # keys of the collection's properties
FACTS = ("model", "path", "fingerprint", "card")
LONGEST = 65_535  # bytes of a text that the server takes
NUMBER, DESCRIPTOR = "number", "descriptor"
TEXTS = {"id": 16, "uri": LONGEST, "raw": LONGEST, "source": LONGEST, "label": LONGEST, "content": 64, "stamp": 256, "format": 64}
NUMBERS = ("size", "width", "height")
ITEM = (*TEXTS, "has_label", *NUMBERS, "attributes")  # all fields but number and descriptor
LOWEST, MODULUS = -(1 << 63), 1 << 64
SEPARATOR = "\n"


def number_of(id_: str) -> int:
    """The number of an item: its id, 16 hexadecimal digits, as a signed number of 64 bits.

    Raises:
        ValueError: another id.
    """
    if len(id_) != 16:
        raise ValueError(f"{id_!r} is no id of 16 hexadecimal digits")
    value = int(id_, 16)
    return value - MODULUS if value >= -LOWEST else value


def id_of(number: int) -> str:
    """The id of an item by its number."""
    return f"{number % MODULUS:016x}"


def schema_of(client_module: Any, dim: int) -> Any:
    """The fields, as `pymilvus` has them."""
    kinds = client_module.DataType
    schema = client_module.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False, description="podoba")
    schema.add_field(NUMBER, kinds.INT64, is_primary=True)
    for name, length in TEXTS.items():
        schema.add_field(name, kinds.VARCHAR, max_length=length)
    schema.add_field("has_label", kinds.BOOL)
    for name in NUMBERS:
        schema.add_field(name, kinds.INT64)
    schema.add_field("attributes", kinds.JSON)
    schema.add_field(DESCRIPTOR, kinds.FLOAT_VECTOR, dim=dim)
    return schema


def to_row(item: Item, descriptor: Floats) -> dict[str, Any]:
    """The fields of an item.

    Names that are no UTF-8 stand in `uri` and `source` as they are printed, and exactly in `raw`.

    Raises:
        CollectionError: a text that is longer than the server takes, or an id that is none.
    """
    uri, source = shown(item.uri), shown(item.source)
    raw = "" if (uri, source) == (item.uri, item.source) else f"{_packed(item.uri)}{SEPARATOR}{_packed(item.source)}"
    label = None if item.label is None else str(clean_attributes({"": item.label})[""])
    try:
        number = number_of(item.id)
    except ValueError as error:
        raise CollectionError(f"{uri}: its id cannot be kept in the vector database ({error}): index the image anew") from error
    row: dict[str, Any] = {
        NUMBER: number, "id": item.id, "uri": uri, "raw": raw, "source": source, "label": label or "",
        "has_label": label is not None, "content": item.content, "size": item.size, "stamp": item.stamp or "",
        "width": item.width, "height": item.height, "format": item.format,
        "attributes": {name: _plain(value) for name, value in clean_attributes(item.attributes).items()},
        DESCRIPTOR: descriptor,
    }  # fmt: skip
    for name, longest in TEXTS.items():
        if len(row[name].encode()) > longest:
            raise CollectionError(f"{uri[:200]}: its {name} has more than {longest} bytes: shorten it")
    return row


def from_row(row: Mapping[str, Any]) -> Item:
    """The item of its fields."""
    uri, source = (_unpacked(part) for part in row["raw"].split(SEPARATOR)) if row["raw"] else (row["uri"], row["source"])
    label, stamp, attributes = row["label"] if row["has_label"] else None, row["stamp"] or None, dict(row["attributes"] or {})
    size, width, height = (int(row[name]) for name in NUMBERS)
    return Item(row["id"], uri, source, label, row["content"], size, stamp, width, height, row["format"], attributes)


def _plain(value: Attribute) -> Attribute:
    """A value as the server can compare it: 1 for true; numbers of 64 bits."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and not LOWEST <= value < -LOWEST:
        wide = float(value) if abs(value) < 1 << 1023 else math.inf
        return wide if math.isfinite(wide) else None
    return value


def _packed(name: str) -> str:
    return base64.b64encode(os.fsencode(name)).decode()


def _unpacked(text: str) -> str:
    return os.fsdecode(base64.b64decode(text))
