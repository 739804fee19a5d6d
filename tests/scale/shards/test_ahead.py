"""Shards that are listed ahead of those that work on them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from podoba.errors import SourceError
from podoba.scale.shards.ahead import ShardsAhead
from podoba.scale.shards.shard import Shard


def shard(number: int) -> Shard:
    return Shard("photos", "images", {"names": [f"{number}-{i}.png" for i in range(number % 50)]}, f"{number:064x}", number)


def test_all_come_in_their_order_while_they_are_listed() -> None:
    with ShardsAhead(shard(number) for number in range(2000)) as ahead:
        assert list(ahead) == [shard(number) for number in range(2000)]
        assert (ahead.count, ahead.is_complete) == (2000, True)
        assert list(ahead) == []


def test_the_number_is_known_before_they_are_taken() -> None:
    with ShardsAhead(shard(number) for number in range(100)) as ahead:
        deadline = time.monotonic() + 10
        while not ahead.is_complete and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (ahead.count, ahead.is_complete) == (100, True)
        assert next(ahead) == shard(0)


def test_whoever_is_faster_waits() -> None:
    more = threading.Semaphore(0)

    def slow() -> Iterator[Shard]:
        for number in range(3):
            more.acquire()
            yield shard(number)

    with ShardsAhead(slow()) as ahead:
        for number in range(3):
            threading.Timer(0.05, more.release).start()
            assert next(ahead) == shard(number)
        assert list(ahead) == []


def test_an_error_comes_after_the_shards_before_it() -> None:
    def broken() -> Iterator[Shard]:
        yield shard(1)
        raise SourceError("gone")

    with ShardsAhead(broken()) as ahead:
        assert next(ahead) == shard(1)
        with pytest.raises(SourceError, match="gone"):
            next(ahead)
        assert not ahead.is_complete


def test_a_listing_is_ended_in_its_middle() -> None:
    listed = 0

    def endless() -> Iterator[Shard]:
        nonlocal listed
        while True:
            listed += 1
            yield shard(listed)

    with ShardsAhead(endless()) as ahead:
        next(ahead)
    stopped = listed
    time.sleep(0.05)
    assert listed == stopped
