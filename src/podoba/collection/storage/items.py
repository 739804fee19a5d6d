"""An item of a collection, and the row that keeps it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from podoba.files import from_name, shown, to_name
from podoba.images.record import Attribute

COLUMNS = (
    "id", "uri", "source", "label", "content", "size", "stamp", "width", "height", "format", "attributes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """An image of a collection.

    Attributes:
        id, uri, label, stamp, attributes: as in `ImageRecord`.
        source: the place it was found in: `ImageSource.root`, and the split where only one was listed.
        content: sha256 of the encoded bytes.
        size: number of encoded bytes.
        width, height: pixels, upright.
        format: as Pillow names it, such as JPEG.
    """

    id: str
    uri: str
    source: str
    label: str | None
    content: str
    size: int
    stamp: str | None
    width: int
    height: int
    format: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def clean_attributes(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Attributes as JSON can hold them: text that is UTF-8, numbers that are finite."""
    return {shown(name): _clean(value) for name, value in attributes.items()}


def to_row(item: Item, source: int) -> tuple[Any, ...]:
    """The values of `COLUMNS`; sources are kept by number."""
    attributes = json.dumps(dict(item.attributes), ensure_ascii=False, sort_keys=True)
    return (
        item.id, to_name(item.uri), source, item.label, item.content, item.size, item.stamp, item.width, item.height,
        item.format, attributes,
    )  # fmt: skip


def from_row(row: Sequence[Any], sources: Mapping[int, str]) -> Item:
    """The item of the values of `COLUMNS`."""
    id_, uri, source, label, content, size, stamp, width, height, kind, attributes = row
    known = json.loads(attributes)
    return Item(id_, from_name(uri), sources[source], label, content, size, stamp, width, height, kind, known)


def _clean(value: Attribute) -> Attribute:
    if isinstance(value, str):
        return shown(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
