"""Tests of what is kept for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from podoba.serve.bounded import Bounded


def test_what_was_used_longest_ago_goes_first() -> None:
    kept: Bounded[str, bytes] = Bounded(10, len)
    kept.put("a", b"aaaa")
    kept.put("b", b"bbbb")
    assert kept.get("a") == b"aaaa"
    kept.put("c", b"cccc")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (b"aaaa", None, b"cccc")
    assert (kept.weight, len(kept)) == (8, 2)


def test_the_newest_is_kept_even_where_it_weighs_more() -> None:
    kept: Bounded[str, bytes] = Bounded(3, len)
    kept.put("a", b"a")
    kept.put("b", b"bbbbbb")
    assert (kept.get("a"), kept.get("b"), kept.weight) == (None, b"bbbbbb", 6)


def test_a_second_value_takes_the_place_of_the_first() -> None:
    kept: Bounded[str, bytes] = Bounded(10, len)
    kept.put("a", b"aaaa")
    kept.put("a", b"b")
    assert (kept.get("a"), kept.weight, len(kept)) == (b"b", 1, 1)


def test_values_go_some_time_after_their_last_use() -> None:
    now = 0.0
    kept: Bounded[str, int] = Bounded(10, seconds=60, clock=lambda: now)
    kept.put("a", 1)
    kept.put("b", 2)
    now = 50.0
    assert kept.get("a") == 1
    now = 100.0
    assert (kept.get("a"), kept.get("b"), len(kept)) == (1, None, 1)


def test_threads_share_it() -> None:
    kept: Bounded[int, int] = Bounded(50)

    def use(i: int) -> None:
        kept.put(i % 100, i)
        kept.get(i % 70)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(20_000)))
    assert len(kept) == kept.weight == 50
