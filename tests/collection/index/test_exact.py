"""Exact search by blocks against a slow loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from podoba.collection.index import exact as module
from podoba.collection.index.exact import Choice, Rows, order_exactly, scan
from podoba.collection.index.view import IndexView

Descriptors = Callable[[int, int], np.ndarray]


def slow(query: np.ndarray, numbers: np.ndarray, matrix: np.ndarray, k: int) -> list[int]:
    scored = [
        (-float(np.float32(row.astype(np.float64) @ query.astype(np.float64))), int(n))
        for n, row in zip(numbers, matrix, strict=True)
    ]
    return [number for _, number in sorted(scored)[:k]]


@pytest.mark.parametrize("block", [64, 1000, 1 << 24])
@pytest.mark.parametrize("k", [1, 7, 300, 500])
def test_the_rows_found_are_those_of_a_slow_loop(
    descriptors_of: Descriptors, monkeypatch: pytest.MonkeyPatch, block: int, k: int
) -> None:
    monkeypatch.setattr(module, "BLOCK_BYTES", block * 4)
    monkeypatch.setattr(module, "BLOCK_PRODUCTS", 2 * block)
    matrix, queries = descriptors_of(0, 300), descriptors_of(1, 5)
    matrix[100:120] = matrix[100]  # equals
    numbers = np.random.default_rng(0).permutation(300) + 7
    for allowed in (None, np.arange(300) % 2 == 0, np.arange(300) == 5, np.zeros(300, dtype=np.bool_)):
        kept = np.ones(300, dtype=np.bool_) if allowed is None else allowed
        for query, rows in zip(
            queries, scan(queries, Rows(numbers, matrix), k, None if allowed is None else Choice.of(allowed)), strict=True
        ):
            assert len(rows) >= min(k, kept.sum())
            assert kept[rows].all()
            found = order_exactly(query, numbers[rows], matrix[rows], k)[0].tolist()
            assert found == slow(query, numbers[kept], matrix[kept], k)


def test_what_no_unit_vectors_can_give_is_damage(descriptors_of: Descriptors) -> None:
    matrix = descriptors_of(0, 50)
    for value in (np.nan, np.inf, 3.0):
        broken = matrix.copy()
        broken[20, 3] = value
        with pytest.raises(ValueError, match="beyond 1"):
            scan(np.eye(16, dtype=np.float32)[3:4], Rows(np.arange(50), broken), 3)


@pytest.mark.parametrize("where", ["everything", "half", "few", "fresh only", "nothing"])
def test_a_gallery_with_changes_is_one_without_them(descriptors_of: Descriptors, where: str) -> None:
    """Rows that hold no longer and fresh ones beside them give what one matrix of all that holds gives."""
    rng = np.random.default_rng(3)
    base, fresh, queries = descriptors_of(0, 400), descriptors_of(2, 30), descriptors_of(1, 6)
    numbers = rng.permutation(np.arange(400))
    alive = rng.random(400) < 0.8
    fresh_numbers = np.sort(np.concatenate([numbers[~alive][:10], np.arange(400, 420)]))
    gallery = IndexView(Rows(numbers, base), alive, Rows(fresh_numbers, fresh))
    together = np.concatenate([numbers[alive], fresh_numbers])
    matrix = np.concatenate([base[alive], fresh])
    wanted = {
        "everything": together, "half": together[::2], "few": together[:3], "fresh only": fresh_numbers,
        "nothing": np.empty(0, dtype=np.int64),
    }[where]  # fmt: skip
    chosen = np.isin(together, wanted)
    asked = np.sort(np.concatenate([wanted, numbers[~alive][10:15], [5000]]))  # and some that are not there
    found = gallery.nearest_among(queries, 10, gallery.choose(asked))
    assert found.exact
    for query, names, similarities in zip(queries, found.numbers, found.similarities, strict=True):
        assert names.tolist() == slow(query, together[chosen], matrix[chosen], 10)
        for name, similarity in zip(names, similarities, strict=True):
            assert similarity == pytest.approx(float(matrix[together == name][0] @ query), abs=1e-6)
    taken = gallery.take(np.sort(asked))
    assert taken.numbers.tolist() == sorted(together[chosen].tolist())
    for name, row in zip(taken.numbers, taken.matrix, strict=True):
        np.testing.assert_array_equal(row, matrix[together == name][0])
    if where == "everything":
        assert len(gallery) == len(together)
        assert gallery.nearest(queries, 10).numbers.tolist() == found.numbers.tolist()
        assert gallery.take().numbers.tolist() == sorted(together.tolist())
