"""Work in threads: in order, bounded, errors not swallowed."""

from __future__ import annotations

import threading
import time

import pytest

from podoba.parallel import ahead, batches


def test_no_more_than_the_window_is_read_ahead() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def work(i: int) -> int:
        with lock:
            begun.append(i)
        return i

    results = ahead(range(1000), work, workers=2, window=10)
    assert next(results) == 0
    time.sleep(0.05)
    assert len(begun) <= 12
    assert list(results) == list(range(1, 1000))


def test_other_errors_are_not_swallowed() -> None:
    def fail(i: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(ahead([1], fail))
    assert list(ahead([], fail)) == []


def test_batches_are_of_one_size_but_the_last() -> None:
    assert list(batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches(range(6), 3)) == [[0, 1, 2], [3, 4, 5]]
    assert list(batches([], 3)) == []


def test_results_come_in_order_whichever_is_ready_first() -> None:
    first = threading.Event()

    def work(i: int) -> int:
        if i == 0:
            assert first.wait(30)
        else:
            first.set()
        return i

    assert list(ahead(range(5), work, workers=2)) == list(range(5))
