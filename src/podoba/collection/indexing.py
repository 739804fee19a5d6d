"""Bring a collection up to date with its sources: only new and changed images are encoded."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from podoba.collection.store import Collection, Item
from podoba.errors import UnreadableImage
from podoba.images.decode import decode, resize
from podoba.images.reading import Skipped, ahead
from podoba.images.record import ImageRecord
from podoba.images.source import ImageSource
from podoba.models.encoder import BATCH, Encoder

OnProgress = Callable[[int, int], None]


@dataclass
class IndexReport:
    """What an update did; the fields are the keys of `podoba index --json`."""

    collection: str
    seen: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    vanished: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return vars(self) | {"skipped": [vars(row) for row in self.skipped]}


@dataclass(frozen=True)
class _Read:
    """An image read and decoded, or the reason why not."""

    record: ImageRecord
    item: Item | None
    pixels: Any
    reason: str = ""


def index_sources(
    collection: Collection,
    sources: Sequence[ImageSource],
    encoder: Encoder,
    *,
    model: str = "starter",
    workers: int | None = None,
    batch_size: int = BATCH,
    on_progress: OnProgress | None = None,
) -> IndexReport:
    """Add what is new, encode what changed, follow what moved (same bytes), forget what vanished from these sources.

    Each batch is one transaction: a killed process loses at most the batch in flight.

    Args:
        model: the name under which the collection remembers the encoder.
        on_progress: called with images done and images in all.

    Raises:
        CollectionError: another process is writing, or the collection was built with another model.
    """
    started = time.perf_counter()
    report = IndexReport(str(collection.path))
    with collection.writing():
        collection.claim(encoder, model)
        for source in sources:
            _update(collection, source, encoder, report, workers, batch_size, on_progress)
    report.seconds = time.perf_counter() - started
    return report


def _update(
    collection: Collection,
    source: ImageSource,
    encoder: Encoder,
    report: IndexReport,
    workers: int | None,
    batch_size: int,
    on_progress: OnProgress | None,
) -> None:
    known = {item.id: item for item in collection.items()}
    bad = collection.skipped()
    report.seen += len(source)
    report.skipped.extend(source.problems)
    total, done = len(source), 0
    names, uris = {record.id for record in source}, {record.uri for record in source}
    inside = (f"{source.root}/", f"{source.root}!/")
    gone = {
        item.id: item
        for item in known.values()
        if item.id not in names and (item.source == source.root or item.uri.startswith(inside))
    }
    waiting: list[ImageRecord] = []
    for record in source:
        stamp = record.stamp
        before = known.get(record.id)
        if before is not None and stamp is not None and (before.stamp, before.label) == (stamp, record.label):
            report.unchanged += 1
            done += 1
        elif stamp is not None and record.uri in bad and bad[record.uri][0] == stamp:
            report.skipped.append(Skipped(record.uri, bad[record.uri][1]))
            done += 1
        else:
            waiting.append(record)
    if on_progress is not None:
        on_progress(done, total)

    def read(record: ImageRecord) -> _Read:
        return _read(record, source, encoder)

    for batch in _batches(ahead(waiting, read, workers, batch_size), batch_size):
        _store(collection, batch, known, gone, encoder, report)
        done += len(batch)
        if on_progress is not None:
            on_progress(done, total)
    with collection.transaction():
        report.vanished += collection.remove(list(gone))
        collection.forget_skipped([uri for uri in bad if uri.startswith(inside) and uri not in uris])


def _store(
    collection: Collection,
    batch: list[_Read],
    known: dict[str, Item],
    gone: dict[str, Item],
    encoder: Encoder,
    report: IndexReport,
) -> None:
    """One batch in one transaction; only bytes that were never seen are encoded."""
    items: list[Item] = []
    descriptors: list[Any] = []
    fresh: list[tuple[Item, Any]] = []
    moved_from: list[str] = []
    for row in batch:
        if row.item is None:
            report.skipped.append(Skipped(row.record.uri, row.reason))
            continue
        alike = collection.with_content(row.item.content)
        before = known.get(row.item.id)
        if alike:
            items.append(row.item)
            descriptors.append(alike[0][1])
        else:
            fresh.append((row.item, row.pixels))
        left = next((item.id for item, _ in alike if item.id in gone), None)
        if before is not None and before.content == row.item.content:
            report.unchanged += before.label == row.item.label
            report.changed += before.label != row.item.label
        elif before is not None:
            report.changed += 1
        elif left is not None:
            report.moved += 1
            moved_from.append(left)
            del gone[left]
        else:
            report.added += 1
    if fresh:
        encoded = encoder.encode(np.stack([pixels for _, pixels in fresh]))
        items.extend(item for item, _ in fresh)
        descriptors.extend(encoded)
    with collection.transaction():
        collection.remove(moved_from)
        if items:
            collection.put(items, np.stack(descriptors))
        collection.forget_skipped([item.uri for item in items])
        collection.remember_skipped([(r.record.uri, r.record.stamp, r.reason) for r in batch if r.item is None])


def _read(record: ImageRecord, source: ImageSource, encoder: Encoder) -> _Read:
    card = encoder.card
    try:
        data = record.open()
        picture = decode(data, record.uri, card.input_size)
        with Image.open(io.BytesIO(data)) as header:
            width, height, kind = *header.size, header.format or ""
        pixels = np.asarray(resize(picture, card.input_size, card.resize))
    except UnreadableImage as error:
        return _Read(record, None, None, error.reason)
    item = Item(
        record.id, record.uri, source.root, record.label, hashlib.sha256(data).hexdigest(), len(data), record.stamp,
        width, height, kind, dict(record.attributes),
    )  # fmt: skip
    return _Read(record, item, pixels)


def _batches(rows: Iterator[_Read], size: int) -> Iterator[list[_Read]]:
    batch: list[_Read] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
