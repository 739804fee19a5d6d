"""Decoding ahead: batches of pixels in order, from worker threads, in bounded memory."""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from podoba.errors import UnreadableImage
from podoba.images.decode import Resize, load_pixels
from podoba.images.record import ImageRecord

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Skipped:
    """An image that was left out, and why."""

    uri: str
    reason: str


def count_reasons(skipped: Iterable[Skipped]) -> dict[str, int]:
    """How many were left out for each reason, the most frequent first; reasons may differ in their numbers."""
    return dict(Counter(re.sub(r"\d+(x\d+)?", "…", row.reason) for row in skipped).most_common())


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
    skipped = skipped if skipped is not None else []

    def load(record: ImageRecord) -> tuple[ImageRecord, NDArray[np.uint8] | UnreadableImage]:
        try:
            return record, load_pixels(record, size, resize)
        except UnreadableImage as error:
            return record, error

    kept: list[ImageRecord] = []
    pixels: list[NDArray[np.uint8]] = []
    for record, loaded in ahead(records, load, workers, batch_size):
        if isinstance(loaded, UnreadableImage):
            skipped.append(Skipped(loaded.uri, loaded.reason))
            continue
        kept.append(record)
        pixels.append(loaded)
        if len(kept) == batch_size:
            yield kept, np.stack(pixels)
            kept, pixels = [], []
    if kept:
        yield kept, np.stack(pixels)


def ahead(
    items: Iterable[Item], work: Callable[[Item], Result], workers: int | None = None, window: int = 64
) -> Iterator[Result]:
    """Results of `work` on each item, in order, computed in threads at most `window` items ahead of the reader."""
    workers = workers or os.cpu_count() or 1
    source = iter(items)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in islice(source, max(window, 2 * workers)):
                waiting.append(pool.submit(work, item))
            while waiting:
                future = waiting.popleft()
                for item in islice(source, 1):
                    waiting.append(pool.submit(work, item))
                yield future.result()
        finally:
            for future in waiting:
                future.cancel()


def batches(rows: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` rows, the last one shorter."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch
