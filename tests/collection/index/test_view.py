"""The descriptors of a collection with what changed since they were written, against one matrix of all that is valid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from podoba.collection.index.block_checksums import DamagedCache
from podoba.collection.index.rows import Rows
from podoba.collection.index.view import IndexView

Descriptors = Callable[[int, int], np.ndarray]


def slow(query: np.ndarray, numbers: np.ndarray, matrix: np.ndarray, k: int) -> list[int]:
    scored = [
        (-float(np.float32(row.astype(np.float64) @ query.astype(np.float64))), int(n))
        for n, row in zip(numbers, matrix, strict=True)
    ]
    return [number for _, number in sorted(scored)[:k]]


@pytest.mark.parametrize("where", ["everything", "half", "few", "fresh only", "nothing"])
def test_a_view_with_changes_is_one_without_them(descriptors_of: Descriptors, where: str) -> None:
    """Rows that are no longer valid and fresh ones beside them give what one matrix of all valid ones gives."""
    rng = np.random.default_rng(3)
    base, fresh, queries = descriptors_of(0, 400), descriptors_of(2, 30), descriptors_of(1, 6)
    numbers = rng.permutation(np.arange(400))
    alive = rng.random(400) < 0.8
    fresh_numbers = np.sort(np.concatenate([numbers[~alive][:10], np.arange(400, 420)]))
    view = IndexView(Rows(numbers, base), alive, Rows(fresh_numbers, fresh))
    together = np.concatenate([numbers[alive], fresh_numbers])
    matrix = np.concatenate([base[alive], fresh])
    wanted = {
        "everything": together, "half": together[::2], "few": together[:3], "fresh only": fresh_numbers,
        "nothing": np.empty(0, dtype=np.int64),
    }[where]  # fmt: skip
    chosen = np.isin(together, wanted)
    asked = np.sort(np.concatenate([wanted, numbers[~alive][10:15], [5000]]))  # and some that are not there
    found = view.nearest_among(queries, 10, view.choose(asked))
    assert found.exact
    for query, names, similarities in zip(queries, found.numbers, found.similarities, strict=True):
        assert names.tolist() == slow(query, together[chosen], matrix[chosen], 10)
        for name, similarity in zip(names, similarities, strict=True):
            assert similarity == pytest.approx(float(matrix[together == name][0] @ query), abs=1e-6)
    taken = view.take(np.sort(asked))
    assert taken.numbers.tolist() == sorted(together[chosen].tolist())
    for name, row in zip(taken.numbers, taken.matrix, strict=True):
        np.testing.assert_array_equal(row, matrix[together == name][0])
    if where == "everything":
        assert len(view) == len(together)
        assert view.nearest(queries, 10).numbers.tolist() == found.numbers.tolist()
        assert view.take().numbers.tolist() == sorted(together.tolist())


def test_what_no_unit_vectors_can_give_is_damage(descriptors_of: Descriptors) -> None:
    matrix = descriptors_of(0, 50)
    matrix[20] *= 3
    view = IndexView(Rows(np.arange(50), matrix))
    with pytest.raises(DamagedCache, match="beyond 1"):
        view.nearest(descriptors_of(0, 50)[20:21], 3)


@pytest.mark.parametrize("count", [1, 40, 10_000])
def test_a_sample_is_spread_over_all_that_is_valid(descriptors_of: Descriptors, count: int) -> None:
    base, fresh = descriptors_of(0, 300), descriptors_of(2, 100)
    alive = np.arange(300) % 3 > 0
    view = IndexView(Rows(np.arange(300), base), alive, Rows(np.arange(500, 600), fresh))
    together = {int(number): base[number] for number in np.flatnonzero(alive)}
    together |= {500 + row: fresh[row] for row in range(100)}
    sample = view.sample(count)
    names = {row.tobytes(): number for number, row in together.items()}
    numbers = [names[row.tobytes()] for row in sample]  # each is one that is valid
    assert len(numbers) == len(set(numbers)) == min(count, 300)
    if count == 40:
        assert 10 < sum(number >= 500 for number in numbers) < 16  # a third of what is valid
    assert len(IndexView(Rows(np.arange(300), base)).sample(count)) == min(count, 300)
