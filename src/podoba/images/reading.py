"""Decoding ahead: batches of pixels in order, from worker threads, in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from podoba.errors import UnreadableImage
from podoba.images.decode import Resize, load_pixels
from podoba.images.record import ImageRecord


@dataclass(frozen=True)
class Skipped:
    """An image that was left out, and why."""

    uri: str
    reason: str


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
        skipped: unreadable images are added to it.
    """
    workers = workers or os.cpu_count() or 1
    skipped = skipped if skipped is not None else []
    waiting: deque[tuple[ImageRecord, Future[NDArray[np.uint8]]]] = deque()
    source = iter(records)
    with ThreadPoolExecutor(workers) as pool:
        ahead = max(batch_size, 2 * workers)
        try:
            for record in islice(source, ahead):
                waiting.append((record, pool.submit(load_pixels, record, size, resize)))
            kept: list[ImageRecord] = []
            pixels: list[NDArray[np.uint8]] = []
            while waiting:
                record, future = waiting.popleft()
                for following in islice(source, 1):
                    waiting.append((following, pool.submit(load_pixels, following, size, resize)))
                try:
                    pixels.append(future.result())
                    kept.append(record)
                except UnreadableImage as error:
                    skipped.append(Skipped(error.uri, error.reason))
                if len(kept) == batch_size:
                    yield kept, np.stack(pixels)
                    kept, pixels = [], []
            if kept:
                yield kept, np.stack(pixels)
        finally:
            for _, future in waiting:
                future.cancel()
