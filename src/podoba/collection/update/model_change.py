"""Another model for a collection: its images are encoded again beside the old descriptors, which answer until all is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.collection.update.decoded_image import DecodedImage, read_image, without_descriptor
from podoba.collection.update.diff import Change, compare_with_sources
from podoba.collection.update.index import IndexReport, index_sources
from podoba.collection.update.moves import follow_moves
from podoba.collection.update.vanishing import DEFAULT, UpdateSettings, judge
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.locate import find_record
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_rows
from podoba.progress import OnProgress


def change_model(
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
    """Encode every image of a collection with another model, then bring it up to date with these sources.

    Until the last image is encoded the collection answers with its old descriptors; then the new ones take their place in one
    transaction. What is encoded stays encoded: stopped at any moment, the same call goes on from there. With the collection's
    own model, what was begun for another is given up.

    Args:
        sources, model, workers, batch_size, on_progress, skipped, settings: as in `index_sources`.

    Raises:
        CollectionError: images that are not listed cannot be read at the moment (the old descriptors still answer); or as
            `index_sources`.
    """
    name = model or str(encoder.path.absolute())
    with store.writing():
        if not len(store.items) or store.models.fingerprint == encoder.fingerprint:
            store.models.give_up_next()
        else:
            store.models.stage_next(encoder, name)
            follow_moves(store, sources, workers)
            gone = compare_with_sources(store, sources).gone
            wanted = set(store.models.without_next()).difference(judge(gone, gone.items, settings).removed)
            left = _encode(store, [i for i in store.items.select() if i.id in wanted], encoder, workers, batch_size, on_progress)
            if left.missing:
                raise _unreachable(store, left.missing)
            store.models.switch_to_next()
            store.skipped.put(left.unreadable)
        return index_sources(
            store,
            sources,
            encoder,
            model=name,
            workers=workers,
            batch_size=batch_size,
            on_progress=on_progress,
            skipped=skipped,
            settings=settings,
        )


@dataclass
class _Left:
    """Items that could not be encoded.

    Attributes:
        missing: their image cannot be read at the moment, with the reason.
        unreadable: it is damaged: (uri, stamp, reason).
    """

    missing: list[tuple[Item, str]] = field(default_factory=list)
    unreadable: list[tuple[str, str | None, str]] = field(default_factory=list)


def _encode(
    store: Store,
    items: Sequence[Item],
    encoder: Encoder,
    workers: int | None,
    batch_size: int | None,
    on_progress: OnProgress | None,
) -> _Left:
    """Encode the images of items; one that has changed since it was indexed is left to the update that follows.

    An item whose bytes were never known, as one of imported descriptors, is encoded as its image is now.
    """
    left = _Left()
    total = len(store.items)
    done = total - len(items)

    def read(item: Item) -> tuple[tuple[Item, DecodedImage], NDArray[np.uint8] | None]:
        image, pixels = read_image(Change(find_record(item.uri), item.source), encoder.card, ())
        return (item, image), pixels

    def without(row: tuple[Item, DecodedImage]) -> tuple[Item, DecodedImage]:
        return row[0], without_descriptor(row[1])

    for batch in encode_rows(items, read, encoder, without, workers=workers, batch_size=batch_size):
        if on_progress is not None:
            on_progress("encoding", done, total)
        encoded: list[tuple[str, Floats]] = []
        for (item, image), descriptor in batch:
            if not image.content:
                left.missing.append((item, image.reason or ""))
            elif image.damaged:
                left.unreadable.append((item.uri, item.stamp, shown(image.reason or "")))
            elif descriptor is not None and item.content in (image.content, ""):
                encoded.append((item.id, descriptor))
        store.models.put_next(encoded)
        if encoded:
            store.models.note_device(encoder.device, of_next=True)
        done += len(batch)
    return left


def _unreachable(store: Store, missing: Sequence[tuple[Item, str]]) -> CollectionError:
    item, reason = missing[0]
    return CollectionError(
        f"{store.path}: {len(missing)} images cannot be read, such as {shown(item.uri)} ({reason}), so "
        f"{store.models.name!r} still answers: bring them back or forget them with `podoba remove` (those of the named sources "
        "with --vanished), then the same command goes on"
    )
