"""The one way from images to descriptors, for indexing, evaluation, queries and scikit-learn: in order, in bounded memory."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.errors import UnreadableImage
from podoba.images.decode import load_pixels
from podoba.images.record import ImageRecord, Skipped, report_skipped
from podoba.models.encoder import NO_DESCRIPTOR, Encoder
from podoba.parallel import ahead, batches

Row = TypeVar("Row")
Known = TypeVar("Known")
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PipelineSettings:
    """How many images are in work at a time.

    Attributes:
        batch_pixels: pixels of a batch, which one thread decodes: many small images or few large ones, in about the same memory.
        smallest_batch, largest_batch: images of a batch, whatever their size.
        network_pixels: pixels in the network at a time, of all threads together, since feature maps take far more memory than
            pixels; but at least an image a thread.
        batches_ahead: batches a thread: one in work, and others that wait or were made, of which only descriptors are left.
    """

    batch_pixels: int = 16 * 224 * 224
    smallest_batch: int = 4
    largest_batch: int = 64
    network_pixels: int = 32 * 224 * 224
    batches_ahead: int = 2

    def batch_of(self, input_size: int) -> int:
        """How many images of this side are a batch."""
        return max(self.smallest_batch, min(self.largest_batch, self.batch_pixels // input_size**2))

    def at_once(self, input_size: int, workers: int) -> int:
        """How many images of this side one of some threads gives to the network at once."""
        return max(1, self.network_pixels // (workers * input_size**2))


SETTINGS = PipelineSettings()


def encode_rows(
    rows: Iterable[Row],
    read: Callable[[Row], tuple[Known, Pixels | None]],
    encoder: Encoder,
    without: Callable[[Known], Known],
    *,
    workers: int | None = None,
    batch_size: int | None = None,
    settings: PipelineSettings = SETTINGS,
) -> Iterator[list[tuple[Known, Floats | None]]]:
    """What becomes of each row, in their order, in batches that are made ahead of the reader.

    A core is better used by a batch of its own than by a share of one: no thread waits for the others after every layer of the
    network, and reading files is spread like computing. What fits one batch, such as a query, is read in threads and encoded by
    all cores together. In memory are at most a batch of pixels and a file a thread, and the feature maps that the settings allow.

    Args:
        read: called in the threads: what is known of a row, and its pixels uint8 (S, S, 3) for the encoder, or None where it has
            none; an error that it raises ends the work.
        without: what is known of a row of whose pixels the model has no descriptor (`NO_DESCRIPTOR`), such as that it is to be
            skipped; an error that it raises ends the work.
        workers: threads; None: one a core.
        batch_size: rows of a batch; None: as the settings say.

    Returns:
        Of each row what `read` gave beside the pixels, and its descriptor float32 (dim,), unit length; None where it had no
        pixels, or the model has none for them.
    """
    workers = workers or os.cpu_count() or 1
    size = encoder.card.input_size
    waiting = batches(rows, batch_size or settings.batch_of(size))
    begun = [batch for batch in (next(waiting, None), next(waiting, None)) if batch is not None]
    if len(begun) < 2:
        for batch in begun:
            known = [read(row) for row in batch] if len(batch) == 1 else list(ahead(batch, read, workers))
            yield _encoded(known, encoder, settings.at_once(size, 1), without)
        return
    lane = encoder.on_one_thread
    at_once = settings.at_once(size, workers if lane.device == "cpu" else 1)  # other devices have one batch in work at a time
    yield from ahead(
        chain(begun, waiting),
        lambda batch: _encoded([read(row) for row in batch], lane, at_once, without),
        workers,
        settings.batches_ahead * workers,
    )


def encode_images(
    records: Iterable[ImageRecord],
    encoder: Encoder,
    skipped: list[Skipped] | None = None,
    *,
    workers: int | None = None,
    batch_size: int | None = None,
    settings: PipelineSettings = SETTINGS,
) -> Iterator[tuple[list[ImageRecord], Floats]]:
    """Batches (records, descriptors float32 (n, dim)) of the images that can be read, in their order, as `encode_rows`.

    Args:
        skipped: unreadable images are added to it; None: they are logged.
    """

    def read(record: ImageRecord) -> tuple[ImageRecord | Skipped, Pixels | None]:
        try:
            return record, load_pixels(record, encoder.card.pixels)
        except UnreadableImage as error:
            return Skipped(error.uri, error.reason), None

    def without(known: ImageRecord | Skipped) -> Skipped:
        return Skipped(known.uri, NO_DESCRIPTOR)

    for batch in encode_rows(records, read, encoder, without, workers=workers, batch_size=batch_size, settings=settings):
        report_skipped([known for known, _ in batch if isinstance(known, Skipped)], skipped)
        kept = [(known, descriptor) for known, descriptor in batch if isinstance(known, ImageRecord) and descriptor is not None]
        if kept:
            yield [record for record, _ in kept], np.stack([descriptor for _, descriptor in kept])


def _encoded(
    known: Sequence[tuple[Known, Pixels | None]], encoder: Encoder, at_once: int, without: Callable[[Known], Known]
) -> list[tuple[Known, Floats | None]]:
    """The descriptors of one batch, so many images in the network at once."""
    pixels = [pixels for _, pixels in known if pixels is not None]
    if not pixels:
        return [(one, None) for one, _ in known]
    made = zip(*encoder.encode_valid(np.stack(pixels), at_once), strict=True)
    rows: list[tuple[Known, Floats | None]] = []
    for one, own in known:
        descriptor, valid = (None, True) if own is None else next(made)
        rows.append((one, descriptor) if valid else (without(one), None))
    return rows
