"""Exact search among some rows of many, against a slow loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from podoba.collection.index.rows import Choice, Rows, search_exactly
from podoba.ranking.exact import order_exactly

Descriptors = Callable[[int, int], np.ndarray]


def slow(query: np.ndarray, numbers: np.ndarray, matrix: np.ndarray, k: int) -> list[int]:
    scored = [
        (-float(np.float32(row.astype(np.float64) @ query.astype(np.float64))), int(n))
        for n, row in zip(numbers, matrix, strict=True)
    ]
    return [number for _, number in sorted(scored)[:k]]


@pytest.mark.parametrize("k", [1, 7, 300, 500])
def test_the_chosen_rows_found_are_those_of_a_slow_loop(descriptors_of: Descriptors, k: int) -> None:
    matrix, queries = descriptors_of(0, 300), descriptors_of(1, 5)
    matrix[100:120] = matrix[100]  # equals
    numbers = np.random.default_rng(0).permutation(300) + 7
    for allowed in (None, np.arange(300) % 2 == 0, np.arange(300) == 5, np.zeros(300, dtype=np.bool_)):
        valid = np.ones(300, dtype=np.bool_) if allowed is None else allowed
        candidates = search_exactly(queries, Rows(numbers, matrix), k, None if allowed is None else Choice.of(allowed))
        assert len(candidates) == 5
        for query, places in zip(queries, candidates, strict=True):
            assert len(places) >= min(k, valid.sum())
            assert valid[places].all()
            found = order_exactly(query, numbers[places], matrix[places], k)[0].tolist()
            assert found == slow(query, numbers[valid], matrix[valid], k)


def test_few_rows_are_chosen_by_place_and_many_by_mask() -> None:
    few, many = Choice.of(np.arange(600) < 100), Choice.of(np.arange(600) < 101)
    assert few.mask is None
    assert few.places is not None
    assert few.places.tolist() == list(range(100))
    assert many.places is None
    assert (few.count, many.count) == (100, 101)
