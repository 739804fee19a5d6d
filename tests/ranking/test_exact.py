"""Exact search by blocks against a slow loop in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.ranking.exact import find_candidates, nearest, order_exactly, row_blocks


def unit(rng: np.random.Generator, n: int, dim: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, dim)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


@pytest.mark.parametrize("images", ["none", "rows", "groups", "two"])
def test_neighbours_equal_a_slow_loop_even_with_many_copies(images: str) -> None:
    rng = np.random.default_rng(3)
    x = unit(rng, 12, 8)[rng.integers(0, 12, 120)]
    numbers = {"none": None, "rows": np.arange(120), "groups": rng.integers(0, 20, 120), "two": np.arange(120) // 116}[images]
    neighbours = nearest(x, x, 7, images=None if numbers is None else (numbers, numbers))
    for row, query in enumerate(x.astype(np.float64)):
        others = [i for i in range(len(x)) if numbers is None or numbers[i] != numbers[row]]
        distance = {i: float(((x[i] - query) ** 2).sum()) for i in others}
        expected = sorted(others, key=lambda i: (round(distance[i], 9), i))[:7]
        found = neighbours.indices[row] >= 0
        assert neighbours.indices[row].tolist() == expected + [-1] * (7 - len(expected))
        np.testing.assert_allclose(neighbours.similarities[row][found], x[expected] @ x[row], atol=1e-6)


def test_too_many_neighbours_are_refused() -> None:
    x = unit(np.random.default_rng(0), 3, 4)
    with pytest.raises(ValueError, match="can find 3"):
        nearest(x, x, 4)


@pytest.mark.parametrize("block", [1, 40, 1 << 20])
@pytest.mark.parametrize("k", [1, 7, 300, 500])
@pytest.mark.parametrize("chosen", ["all", "half", "one", "none"])
def test_candidates_hold_the_nearest_whatever_the_blocks(block: int, k: int, chosen: str) -> None:
    rng = np.random.default_rng(k)
    matrix, queries = unit(rng, 300, 16), unit(rng, 5, 16)
    matrix[100:120] = matrix[100]  # equals
    mask = {"all": None, "half": np.arange(300) % 2 == 0, "one": np.arange(300) == 5, "none": np.zeros(300, dtype=np.bool_)}[
        chosen
    ]
    valid = np.flatnonzero(np.ones(300, dtype=np.bool_) if mask is None else mask)
    found = [*find_candidates(queries, lambda: row_blocks(matrix, block_bytes=64 * block), k, mask=mask, products=2 * block)]
    assert len(found) == 5
    for query, places in zip(queries, found, strict=True):
        assert set(places.tolist()) <= set(valid.tolist())
        expected = sorted((-float(np.float32(matrix[i].astype(float) @ query.astype(float))), i) for i in valid)[:k]
        numbers, similarities, rows = order_exactly(query, places, matrix[places], k)
        assert numbers.tolist() == places[rows].tolist() == [place for _, place in expected]
        np.testing.assert_allclose(similarities, [-value for value, _ in expected], atol=1e-6)


def test_of_no_rows_there_are_no_candidates() -> None:
    nothing = np.empty((0, 4), dtype=np.float32)
    found = [*find_candidates(unit(np.random.default_rng(0), 3, 4), lambda: row_blocks(nothing), 2)]
    assert [len(places) for places in found] == [0, 0, 0]
