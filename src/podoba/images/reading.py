"""Many images as pixels, decoded ahead in worker threads, in order and in bounded memory."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Mask
from podoba.errors import UnreadableImage
from podoba.files import reserve
from podoba.images.decode import load_pixels
from podoba.images.record import ImageRecord, Skipped, report_skipped
from podoba.images.resize import PixelRule
from podoba.parallel import ahead
from podoba.progress import OnProgress, silent


def read_batches(
    records: Iterable[ImageRecord],
    rule: PixelRule,
    batch_size: int,
    workers: int | None = None,
    skipped: list[Skipped] | None = None,
) -> Iterator[tuple[list[ImageRecord], NDArray[np.uint8]]]:
    """Batches (records, pixels uint8 (n, size, size, 3)) in the order of the records; at most two batches are held.

    Args:
        workers: decoding threads; None: one a core.
        skipped: unreadable images are added to it; None: they are logged.
    """

    def load(record: ImageRecord) -> tuple[ImageRecord, NDArray[np.uint8] | UnreadableImage]:
        try:
            return record, load_pixels(record, rule)
        except UnreadableImage as error:
            return record, error

    kept: list[ImageRecord] = []
    pixels: list[NDArray[np.uint8]] = []
    for record, loaded in ahead(records, load, workers, batch_size):
        if isinstance(loaded, UnreadableImage):
            report_skipped([Skipped(loaded.uri, loaded.reason)], skipped)
            continue
        kept.append(record)
        pixels.append(loaded)
        if len(kept) == batch_size:
            yield kept, np.stack(pixels)
            kept, pixels = [], []
    if kept:
        yield kept, np.stack(pixels)


def read_small(
    records: Sequence[ImageRecord], side: int, workers: int | None = None, on_progress: OnProgress = silent
) -> tuple[NDArray[np.uint8], Mask]:
    """All images stretched to small squares, uint8 (n, side, side, 3), mapped; and which could be read, bool (n,).

    Args:
        workers: decoding threads; None: one a core.
    """

    def load(record: ImageRecord) -> NDArray[np.uint8] | None:
        try:
            return load_pixels(record, PixelRule(side))
        except UnreadableImage:
            return None

    pixels, readable = mapped_images(len(records), side), np.zeros(len(records), dtype=np.bool_)
    for place, image in enumerate(ahead(records, load, workers, window=512)):
        if image is not None:
            pixels[place], readable[place] = image, True
        if place % 500 == 0:
            on_progress("reading small images", place, len(records))
    return pixels, readable


def mapped_images(count: int, side: int) -> NDArray[np.uint8]:
    """Zeros uint8 (count, side, side, 3) in a temporary file that is mapped, so that memory does not grow with their number.

    Raises:
        OSError: the disk of temporary files is full.
    """
    shape = (count, side, side, 3)
    if not count:
        return np.empty(shape, dtype=np.uint8)
    with tempfile.TemporaryFile() as file:
        reserve(file, count * side * side * 3, Path(tempfile.gettempdir()))
        return np.memmap(file, dtype=np.uint8, mode="r+", shape=shape)
