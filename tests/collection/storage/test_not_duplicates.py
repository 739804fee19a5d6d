"""Pairs that are no duplicates."""

from __future__ import annotations

from itertools import combinations

from podoba.collection.collection import Collection


def test_every_pair_is_remembered_once(filled: Collection) -> None:
    pairs = filled.store.not_duplicates
    assert pairs.add(["c", "a", "b", "a"]) == 3
    assert pairs.add(["b", "c", "d"]) == 2
    assert pairs.pairs() == {*combinations("abc", 2), ("b", "d"), ("c", "d")}
    assert pairs.add(["a"]) == 0
