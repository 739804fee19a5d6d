"""Work in threads, in order and in bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


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
