"""Bring a collection up to date with its sources: only new and changed images are encoded."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.collection.update.decoded_image import DecodedImage, item_of, read_image, without_descriptor
from podoba.collection.update.diff import Change, Diff, compare_with_sources, undated
from podoba.collection.update.moves import gone_elsewhere
from podoba.collection.update.vanishing import DEFAULT, UpdateSettings, judge
from podoba.files import shown
from podoba.images.record import Skipped, count_reasons
from podoba.images.sources.base import Beside, ImageSource
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_rows
from podoba.progress import OnProgress


@dataclass
class IndexReport:
    """What an update did: the keys of `podoba index --json`.

    Of `seen` images listed each is one of `added`, `changed`, `moved`, `unchanged` or skipped. `skipped` also names what is no
    image at all, such as a link that leads nowhere. `vanished` items are no longer in the collection. Those that are kept though
    their image is no longer listed are `away` (by the folder in which no picture is left) or `held_back` (too many at once).
    `beside`: what the sources have beside their images.
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
    away: dict[str, int] = field(default_factory=dict)
    held_back: int = 0
    beside: Beside = field(default_factory=Beside)

    @property
    def changed_anything(self) -> bool:
        """Whether the collection has other items than before."""
        return bool(self.added or self.changed or self.moved or self.vanished)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name; `reasons` counts what was skipped, `passed_over` files of kinds that are not read."""
        values = {name: value for name, value in vars(self).items() if name != "beside"}
        return values | {
            "collection": shown(self.collection),
            "away": {shown(folder): count for folder, count in self.away.items()},
            "skipped": [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.skipped],
            "reasons": {shown(reason): count for reason, count in count_reasons(self.skipped).items()},
            "passed_over": dict(self.beside.passed_over),
            "excluded": self.beside.excluded,
            "notes": [shown(note) for note in self.beside.notes],
        }

    def in_words(self) -> list[str]:
        """What a person should know beside the numbers, a line each."""
        lines = [f"note: {line}" for line in self.beside.in_words()]
        for folder, count in self.away.items():
            lines.append(f"away: {count} pictures below {folder}: no picture is left there; --vanished forgets them")
        if self.held_back:
            lines.append(
                f"kept: {self.held_back} pictures are no longer there, more than is believed at once; --vanished forgets them"
            )
        return lines


class UpdateOptions(TypedDict, total=False):
    """What `index_sources` and `change_model` take by name."""

    model: str | None
    workers: int | None
    batch_size: int | None
    on_progress: OnProgress | None
    skipped: list[Skipped] | None
    settings: UpdateSettings


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
    settings: UpdateSettings = DEFAULT,
) -> IndexReport:
    """Add what is new, encode what changed, follow what moved (same bytes), forget what vanished from these sources.

    An image is unchanged, and not even read, where its file's size and time are as before; else its bytes decide. A source is
    taken as complete: what was found in it before and is no longer listed has vanished, unless its folder has no picture left
    or `UpdateSettings` doubts so many at once. Each batch is one transaction: a
    process killed at any moment loses at most the batches in flight, and the next run goes on. Batches are made ahead of what is
    written. In memory are the list of images, a batch of pixels at the encoder's size and a file a thread, and as many decoded
    pixels as `DecodeLimits` allows.

    Args:
        batch_size: images encoded and written at a time; None: as `PipelineSettings`.
        model: the name under which the collection remembers the encoder; None: the path of its file.
        workers: threads that decode and encode; None: one a core.
        on_progress: called with what is being done, images done and images in all.
        skipped: images that are left out are added to it, and it becomes the report's.
        settings: what is read again, and what is believed to have vanished.

    Raises:
        CollectionError: another process is writing, the disk is full, or the collection was built with another model.
    """
    started = time.perf_counter()
    beside = Beside.of_all([source.beside for source in sources])
    report = IndexReport(str(store.path), skipped=[] if skipped is None else skipped, beside=beside)
    with store.writing():
        store.models.claim(encoder, model or str(encoder.path.absolute()))
        diff = compare_with_sources(store, sources, settings.verify)
        update = _Update(store, encoder, diff, report)
        done = diff.seen - len(diff.to_read)
        update.relabel()
        for batch in encode_rows(diff.to_read, update.read, encoder, without_descriptor, workers=workers, batch_size=batch_size):
            if on_progress is not None:
                on_progress("indexing", done, diff.seen)
            update.write(batch)
            done += len(batch)
        update.finish(settings)
        if on_progress is not None:
            on_progress("indexing", done, diff.seen)
    report.seconds = time.perf_counter() - started
    return report


class _Update:
    """The steps of one update."""

    def __init__(self, store: Store, encoder: Encoder, diff: Diff, report: IndexReport) -> None:
        self.store, self.encoder, self.diff, self.report = store, encoder, diff, report
        self.contents = {item.content for item in diff.known.values()}
        self.left: dict[str, list[Item]] = defaultdict(list)  # items whose image is gone, by its content
        for item in diff.gone.items:
            self.left[item.content].append(item)
        report.seen, report.unchanged = diff.seen, diff.unchanged
        report.skipped.extend(diff.skipped)

    def relabel(self) -> None:
        """New labels and attributes of images that are the same."""
        self.store.items.change([(item.id, item) for item in self.diff.relabelled])
        self.report.changed += len(self.diff.relabelled)

    def read(self, change: Change) -> tuple[DecodedImage, NDArray[np.uint8] | None]:
        """Called in worker threads."""
        return read_image(change, self.encoder.card, self.contents)

    def write(self, batch: Sequence[tuple[DecodedImage, Floats | None]]) -> None:
        """One batch in one transaction; bytes that were seen before keep their descriptor."""
        fresh: list[tuple[Item, Floats]] = []
        with self.store.transaction():
            for image, descriptor in batch:
                if image.reason is not None:
                    self._skip(image)
                elif not self._reuse(image):
                    whole, vector = (image, descriptor) if descriptor is not None else self._again(image)
                    if vector is None:
                        self._skip(whole)
                        continue
                    fresh.append((item_of(whole), vector))
                    self._count(whole)
            if fresh:
                self.store.put([item for item, _ in fresh], np.stack([descriptor for _, descriptor in fresh]))
                self.store.models.note_device(self.encoder.device)
            readable = {image.change.record.uri for image, _ in batch if image.reason is None}
            self.store.skipped.remove(readable & self.diff.notes)
        self.contents.update(item.content for item, _ in fresh)

    def _again(self, image: DecodedImage) -> tuple[DecodedImage, Floats | None]:
        """An image whose bytes were known when it was read, but replaced since: two files that exchanged their names."""
        card = self.encoder.card
        made = encode_rows([image.change], lambda change: read_image(change, card, ()), self.encoder, without_descriptor)
        return next(made)[0]

    def finish(self, settings: UpdateSettings) -> None:
        """Remove what vanished and did not turn up elsewhere, as far as that is believed."""
        verdict = judge(self.diff.gone, (item for items in self.left.values() for item in items), settings)
        self.report.away, self.report.held_back = verdict.away, verdict.held_back
        with self.store.transaction():
            self.report.vanished = self.store.items.remove(verdict.removed)
            self.store.skipped.remove(self.diff.notes_gone)

    def _reuse(self, image: DecodedImage) -> bool:
        """Whether the descriptor of the same bytes could be taken; the item is then stored and counted."""
        before = self.diff.known.get(image.change.record.id)
        left = self.left.get(image.content)
        if before is not None and before.content == image.content:
            item = item_of(image, before)
            if item != before:
                self.store.items.change([(before.id, item)])
            same = item.label == before.label and undated(item.attributes) == undated(before.attributes)
            self.report.unchanged += same
            self.report.changed += not same
        elif before is None and left:
            old = left.pop()
            self.store.items.change([(old.id, item_of(image, old))])
            self.report.moved += 1
        else:
            alike = self.store.items.of_content(image.content) if image.content in self.contents else []
            if not alike:
                return False
            gone = None if before is not None else gone_elsewhere(self.store, image.content)
            if gone is not None:
                self.store.items.change([(gone.id, item_of(image, gone))])
                self.report.moved += 1
                return True
            self.store.put([item_of(image, alike[0])], self.store.descriptors.get(alike[0].id)[None])
            self._count(image)
        return True

    def _count(self, image: DecodedImage) -> None:
        known = image.change.record.id in self.diff.known
        self.report.changed += known
        self.report.added += not known

    def _skip(self, image: DecodedImage) -> None:
        """Name it with its reason; bytes that are no image are noted, and an item of what was there before them is dropped."""
        record, reason = image.change.record, image.reason or ""
        self.report.skipped.append(Skipped(record.uri, reason))
        if image.damaged:  # else it may pass, or another model may do better: it is tried again next time
            self.store.skipped.put([(record.uri, record.stamp, shown(reason))])
        if image.content:
            self.store.items.remove([record.id])
