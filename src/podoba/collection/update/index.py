"""Bring a collection up to date with its sources: only new and changed images are encoded."""

from __future__ import annotations

import hashlib
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.collection.update.decoded_image import Picture, read_picture
from podoba.collection.update.diff import EMPTY, Changes, Found, facts_of, find_changes, undated
from podoba.collection.update.encoding import Encoded, encode_batches, encode_pictures
from podoba.errors import UnreadableImage
from podoba.files import shown
from podoba.images.locate import container_of
from podoba.images.record import Skipped, count_reasons
from podoba.images.sources.base import ImageSource
from podoba.models.encoder import Encoder
from podoba.parallel import ahead
from podoba.progress import OnProgress

COPIES_ASKED = 20  # items of the same bytes that are looked for, when one may have moved


@dataclass
class IndexReport:
    """What an update did; the fields are keys of `podoba index --json`, which also counts the `reasons` of what was skipped.

    Of `seen` images listed each is one of `added`, `changed`, `moved`, `unchanged` or skipped. `skipped` also names what is no
    image at all, such as a link that leads nowhere. `vanished` items are no longer in the collection.
    """

    collection: str
    seen: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    vanished: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def changed_anything(self) -> bool:
        """Whether the collection has other items than before."""
        return bool(self.added or self.changed or self.moved or self.vanished)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        skipped = [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.skipped]
        reasons = {shown(reason): count for reason, count in count_reasons(self.skipped).items()}
        return vars(self) | {"collection": shown(self.collection), "skipped": skipped, "reasons": reasons}


def index_sources(
    store: Store,
    sources: Sequence[ImageSource],
    encoder: Encoder,
    *,
    model: str | None = None,
    workers: int | None = None,
    batch_size: int | None = None,
    on_progress: OnProgress | None = None,
    skipped: list[Skipped] | None = None,
) -> IndexReport:
    """Add what is new, encode what changed, follow what moved (same bytes), forget what vanished from these sources.

    An image is unchanged, and not even read, where its file's size and time are as before; else its bytes decide. A source is
    taken as complete: what was found in it before and is no longer listed has vanished. Each batch is one transaction: a
    process killed at any moment loses at most the batches in flight, and the next run goes on. Batches are made ahead of what is
    written. Held in memory are the list of images, a batch of pixels at the encoder's size and a file a thread, and
    `decode.PIXELS_AT_ONCE` decoded pixels.

    Args:
        batch_size: images encoded and written at a time; None: as `encode_batches`.
        model: the name under which the collection remembers the encoder; None: the path of its file.
        workers: threads that decode and encode; None: one a core.
        on_progress: called with what is being done, images done and images in all.
        skipped: images that are left out are added to it, and it becomes the report's.

    Raises:
        CollectionError: another process is writing, the disk is full, or the collection was built with another model.
    """
    started = time.perf_counter()
    report = IndexReport(str(store.path), skipped=[] if skipped is None else skipped)
    with store.writing(), warnings.catch_warnings():
        # Pillow warns of large pictures; the decoder has its own cap, and names what it refuses.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        store.models.claim(encoder, model or str(encoder.path.absolute()))
        changes = find_changes(store, sources)
        update = _Update(store, encoder, changes, report)
        done = changes.seen - len(changes.to_read)
        update.relabel()
        for batch in encode_batches(changes.to_read, update.read, encoder, workers, batch_size):
            if on_progress is not None:
                on_progress("indexing", done, changes.seen)
            update.write(batch)
            done += len(batch)
        update.finish()
        if on_progress is not None:
            on_progress("indexing", done, changes.seen)
    report.seconds = time.perf_counter() - started
    return report


class _Update:
    """The steps of one update."""

    def __init__(self, store: Store, encoder: Encoder, changes: Changes, report: IndexReport) -> None:
        self.store, self.encoder, self.changes, self.report = store, encoder, changes, report
        self.contents = {item.content for item in changes.known.values()}
        self.left: dict[str, list[Item]] = defaultdict(list)  # items whose image is gone, by its content
        for item in changes.gone:
            self.left[item.content].append(item)
        report.seen, report.unchanged = changes.seen, changes.unchanged
        report.skipped.extend(changes.skipped)

    def relabel(self) -> None:
        """New labels and attributes of images that are the same."""
        self.store.items.change([(item.id, item) for item in self.changes.relabelled])
        self.report.changed += len(self.changes.relabelled)

    def read(self, found: Found) -> Picture:
        """Called in worker threads."""
        return read_picture(found, self.encoder.card, self.contents)

    def write(self, batch: Sequence[Encoded]) -> None:
        """One batch in one transaction; bytes that were seen before keep their descriptor."""
        fresh: list[tuple[Item, Floats]] = []
        with self.store.transaction():
            for encoded in batch:
                if encoded.picture.reason is not None:
                    self._skip(encoded.picture)
                elif not self._reuse(encoded.picture):
                    whole = encoded if encoded.descriptor is not None else self._again(encoded.picture)
                    if whole.descriptor is None:
                        self._skip(whole.picture)
                        continue
                    fresh.append((_item(whole.picture), whole.descriptor))
                    self._count(whole.picture)
            if fresh:
                self.store.put([item for item, _ in fresh], np.stack([descriptor for _, descriptor in fresh]))
            readable = {encoded.picture.found.record.uri for encoded in batch if encoded.picture.reason is None}
            self.store.skipped.remove(readable & self.changes.notes)
        self.contents.update(item.content for item, _ in fresh)

    def _again(self, picture: Picture) -> Encoded:
        """A picture whose bytes were known when it was read, but replaced since: two files that exchanged their names."""
        return encode_pictures([read_picture(picture.found, self.encoder.card, ())], self.encoder.on_one_thread)[0]

    def finish(self) -> None:
        """Forget what is gone and did not turn up elsewhere; tell of empty folders whose images are kept."""
        with self.store.transaction():
            self.report.vanished = self.store.items.remove([item.id for items in self.left.values() for item in items])
            self.store.skipped.remove(self.changes.notes_gone)
        kept = [item.uri for item in self.store.items.select()] if self.changes.empty else []
        for root in self.changes.empty:
            if any(uri.startswith(f"{root}/") for uri in kept):
                self.report.skipped.append(Skipped(root, EMPTY))

    def _reuse(self, picture: Picture) -> bool:
        """Whether the descriptor of the same bytes could be taken; the item is then stored and counted."""
        before = self.changes.known.get(picture.found.record.id)
        left = self.left.get(picture.content)
        if before is not None and before.content == picture.content:
            item = _item(picture, before)
            self.store.items.change([(before.id, item)])
            same = item.label == before.label and undated(item.attributes) == undated(before.attributes)
            self.report.unchanged += same
            self.report.changed += not same
        elif before is None and left:
            old = left.pop()
            self.store.items.change([(old.id, _item(picture, old))])
            self.report.moved += 1
        else:
            alike = self.store.items.of_content(picture.content) if picture.content in self.contents else []
            if not alike:
                return False
            gone = None if before is not None else gone_elsewhere(self.store, picture.content)
            if gone is not None:
                self.store.items.change([(gone.id, _item(picture, gone))])
                self.report.moved += 1
                return True
            self.store.put([_item(picture, alike[0])], self.store.descriptors.get(alike[0].id)[None])
            self._count(picture)
        return True

    def _count(self, picture: Picture) -> None:
        known = picture.found.record.id in self.changes.known
        self.report.changed += known
        self.report.added += not known

    def _skip(self, picture: Picture) -> None:
        """Name it with its reason; bytes that are no image are noted, and an item of what was there before them is dropped."""
        record, reason = picture.found.record, picture.reason or ""
        self.report.skipped.append(Skipped(record.uri, reason))
        if picture.content:  # else the file could not be read, which may pass: it is tried again next time
            self.store.skipped.put([(record.uri, record.stamp, shown(reason))])
            self.store.items.remove([record.id])


def follow_moves(store: Store, sources: Sequence[ImageSource], workers: int | None = None) -> int:
    """Only what needs no encoder of an update: items whose file has another name now. Returns how many there were."""
    changes = find_changes(store, sources)
    left: dict[str, list[Item]] = defaultdict(list)
    for item in changes.gone:
        left[item.content].append(item)
    new = [found for found in changes.to_read if found.record.id not in changes.known]
    moved = 0
    with store.transaction():
        for found, content in ahead(new, _content, workers):
            old = left[content].pop() if left.get(content) else gone_elsewhere(store, content)
            if old is not None:
                store.items.change([(old.id, _item(Picture(found, content, old.size), old))])
                moved += 1
    return moved


def gone_elsewhere(store: Store, content: str) -> Item | None:
    """An item of these bytes (sha256) whose file is no longer where it was, though its source is not among those that are listed.

    So a folder that was renamed is followed by its new name alone. A file that cannot be looked for at the moment is not gone.
    """
    if not content:
        return None
    for item in store.items.of_content(content, COPIES_ASKED):
        if item.uri.startswith("/") and container_of(item.uri) is None:
            try:
                os.stat(item.uri)
            except (FileNotFoundError, NotADirectoryError):
                return item
            except OSError:
                continue
    return None


def _content(found: Found) -> tuple[Found, str]:
    """The sha256 of an image's bytes; empty where it cannot be read."""
    try:
        return found, hashlib.sha256(found.record.open()).hexdigest()
    except UnreadableImage:
        return found, ""


def _item(picture: Picture, like: Item | None = None) -> Item:
    """The item of a picture; one that was not decoded looks like the item with the same bytes."""
    record, seen = picture.found.record, like or picture
    label, attributes = facts_of(record, picture.exif if like is None else like.attributes)
    return Item(
        record.id, record.uri, picture.found.source, label, picture.content, picture.size, record.stamp,
        seen.width, seen.height, seen.format, attributes,
    )  # fmt: skip
