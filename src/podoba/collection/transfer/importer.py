"""Descriptors that were computed elsewhere, or exported from another collection, as items."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Floats, Mask
from podoba.collection.storage.items import Item, clean_attributes
from podoba.collection.storage.models import Model
from podoba.collection.storage.store import Store
from podoba.collection.transfer.export import FILE_FACTS, PROMISED
from podoba.collection.transfer.formats import KNOWN, URI, DescriptorBatch, DescriptorFile, open_descriptors
from podoba.errors import CollectionError, ModelError
from podoba.files import shown
from podoba.images.record import Attribute, Skipped, as_attribute
from podoba.images.sources.base import located, record_id
from podoba.models.card import Card
from podoba.models.names import open_model


@dataclass(frozen=True)
class ImportReport:
    """What an import did; the fields are keys of `podoba import --json`.

    Attributes:
        rows: of the file.
        added, replaced: items that are new, and items that were there before.
        skipped: rows whose descriptor is missing, zero or not finite, so that nothing can be compared with it.
    """

    rows: int
    added: int
    replaced: int
    skipped: list[Skipped] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return vars(self) | {"skipped": [{"uri": shown(row.uri), "reason": row.reason} for row in self.skipped]}


@dataclass(frozen=True)
class ForeignModel:
    """What a collection remembers of a model that may not be here."""

    card: Card
    fingerprint: str
    path: Path


def import_items(store: Store, path: Path, model: str | None = None, *, source: str | None = None) -> ImportReport:
    """Add the rows of a file of descriptors (`open_descriptors`) as items; one of the same image is replaced.

    A relative `uri` is taken from the file's own folder. `attributes` is a JSON object; columns of other names become attributes
    too. Descriptors are brought to unit length. Each batch of the file is one transaction.

    Args:
        source: what the items remember of where they were found (`Item.source`); None: the file.
        model: the model that made the descriptors, where the file does not say; for a new collection it may be one that podoba
            does not know, and then only descriptors and items can be searched for, not images.

    Raises:
        CollectionError: a file that is not understood, or descriptors of another model or length.
    """
    path = located(path)
    file = open_descriptors(path)
    count, rows, skipped = len(store.items), 0, list[Skipped]()
    with store.writing():
        for batch in file.batches:
            if not len(batch.descriptors):
                continue
            if not rows:
                _claim(store, file, model, batch.descriptors.shape[-1])
            items = items_of(batch, path, rows, source or str(path))
            descriptors, valid = unit_of(batch, store.models.dim, path, store.name)
            store.put([item for item, good in zip(items, valid, strict=True) if good], descriptors[valid])
            skipped += [
                Skipped(items[row].uri, f"its descriptor, of row {rows + row + 1}, is missing, zero or not finite")
                for row in np.flatnonzero(~valid).tolist()
            ]
            rows += len(items)
    added = len(store.items) - count
    return ImportReport(rows, added, rows - added - len(skipped), skipped)


def _claim(store: Store, file: DescriptorFile, name: str | None, dim: int) -> None:
    known = store.models.fingerprint if len(store.items) else None
    if file.model is not None:
        facts = facts_of(file)
        if name is not None and name not in (facts[0], facts[1].fingerprint):
            raise CollectionError(f"{file.path}: its descriptors are of {facts[0]!r}, not of {name!r}: leave --model out")
        if known is None or known != facts[1].fingerprint:
            store.models.claim(facts[1], facts[0])  # which refuses another model
    elif name is None:
        raise CollectionError(f"{file.path}: does not say which model made its descriptors: name it with --model")
    elif name in (store.models.name, store.models.fingerprint):
        return
    elif known is None:
        store.models.claim(_model(name, dim), name)
    else:
        raise CollectionError(f"{store.path}: its descriptors are of {store.models.name!r}, not of {name!r}")


def _model(name: str, dim: int) -> Model:
    try:
        return open_model(name, device="cpu", fetch=False)  # a file named it, not a person
    except ModelError:
        card = Card.make(name=name, input_size=1, dim=dim, backbone="unknown", notes="its descriptors were computed elsewhere")
        return ForeignModel(card, hashlib.sha256(f"elsewhere {name}".encode()).hexdigest()[:16], Path(name))


def facts_of(file: DescriptorFile) -> tuple[str, ForeignModel]:
    """The name and the facts of the model that a file names. Raises `CollectionError` where they are damaged."""
    try:
        facts = dict(file.model or {})
        return facts["model"], ForeignModel(Card.from_json(facts["card"]), facts["fingerprint"], Path(facts["path"]))
    except (KeyError, TypeError, ModelError) as error:
        raise CollectionError(f"{file.path}: what it says of its model is damaged ({error}): export it again") from error


def unit_of(batch: DescriptorBatch, dim: int, path: Path, place: str) -> tuple[Floats, Mask]:
    """Descriptors (n, dim), float32, of unit length where bool (n,) says that they are finite and not zero.

    Raises:
        CollectionError: they have another number of numbers than those of `place`.
    """
    if batch.descriptors.ndim != 2 or batch.descriptors.shape[1] != dim:
        raise CollectionError(f"{path}: descriptors of {batch.descriptors.shape[-1]} numbers where {place} has {dim or None}")
    lengths = np.linalg.norm(batch.descriptors.astype(np.float64), axis=1, keepdims=True)
    valid = (np.isfinite(lengths) & (lengths > 0))[:, 0]
    lengths[~valid] = 1
    unit: Floats = (batch.descriptors / lengths).astype(np.float32)
    return np.where(np.abs(lengths - 1) < 1e-6, batch.descriptors, unit), valid  # of unit length: it keeps its last digits


def items_of(batch: DescriptorBatch, path: Path, first: int, source: str) -> list[Item]:
    """The items of some rows; the first of them is row `first` of the file. Raises `CollectionError` for what is no item."""
    uris = batch.column(URI) or []
    others = {name: column for name, column in batch.columns.items() if name not in KNOWN}
    items = []
    for row, name in enumerate(uris):
        if not isinstance(name, str) or not name:
            raise CollectionError(f"{path}: row {first + row + 1} does not say which image it is")
        facts = {key: batch.columns[key][row] for key in (*PROMISED, *FILE_FACTS) if key in batch.columns and key != "descriptor"}
        uri = _uri(name, facts.get("id"), path.parent)
        read = {key: as_attribute(column[row]) for key, column in others.items()}
        own = {key: value for key, value in read.items() if value is not None}
        label = facts.get("label")
        items.append(
            Item(
                record_id(uri), uri, source, None if label is None else shown(str(label)), _content(facts.get("content")),
                int(facts.get("size") or 0), facts.get("stamp"), int(facts.get("width") or 0), int(facts.get("height") or 0),
                facts.get("format") or "", clean_attributes(own | _attributes(facts.get("attributes"), path, first + row + 1)),
            )
        )  # fmt: skip
    return items


def _content(value: object) -> str:
    """A sha256, as an export wrote it; empty, which is not known, for whatever else a column of this name holds."""
    return value if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) else ""


def _attributes(text: str | None, path: Path, row: int) -> dict[str, Attribute]:
    try:
        values = json.loads(text) if text else {}
        if isinstance(values, dict) and all(isinstance(value, str | int | float | None) for value in values.values()):
            return values
    except (ValueError, TypeError):
        values = None
    raise CollectionError(f"{path}: the attributes of row {row} are no JSON object of texts and numbers")


def _uri(name: str, id_: str | None, folder: Path) -> str:
    r"""The place of an image as a collection names it; bytes that an export showed as `\udcff` are found again by the id."""
    if id_ is not None and "\\udc" in name:
        exact = re.sub(r"\\udc([89a-f][0-9a-f])", lambda match: chr(0xDC00 + int(match[1], 16)), name)
        if record_id(exact) == id_:
            return exact
    inside = "!/" in name
    return name if inside or id_ == record_id(name) else str(located(folder / name))
