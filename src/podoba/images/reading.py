"""Decoding ahead: batches of pixels in order, from worker threads, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from podoba.errors import UnreadableImage
from podoba.images.decode import load_pixels
from podoba.images.record import ImageRecord, Skipped, report_skipped
from podoba.images.resize import Resize
from podoba.parallel import ahead


def read_batches(
    records: Iterable[ImageRecord],
    size: int,
    resize: Resize,
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
            return record, load_pixels(record, size, resize)
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
