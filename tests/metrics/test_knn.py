from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from podoba.metrics.knn import knn_predict, knn_score
from podoba.ranking import exact as neighbours
from podoba.ranking.exact import nearest


def unit(rng: np.random.Generator, n: int, dim: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, dim)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.mark.parametrize("k", [1, 5, 20])
def test_score_is_scikit_learns_on_digits(k: int) -> None:
    data = load_digits()
    x = (data.data / np.linalg.norm(data.data, axis=1, keepdims=True)).astype(np.float32)
    model = KNeighborsClassifier(k).fit(x[:1200], data.target[:1200])
    assert knn_score(x[:1200], data.target[:1200], x[1200:], data.target[1200:], k) == model.score(x[1200:], data.target[1200:])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 120), st.integers(16, 24), st.integers(1, 6))
def test_predictions_are_scikit_learns(seed: int, n: int, dim: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    x, q = unit(rng, n, dim), unit(rng, 30, dim)
    labels = rng.integers(0, 4, n)
    expected = KNeighborsClassifier(k, algorithm="brute").fit(x, labels).predict(q)
    assert np.array_equal(knn_predict(x, labels, q, k), expected)


@pytest.mark.parametrize("leave_one_out", [False, True])
@pytest.mark.parametrize("block", [50, 1 << 24])
def test_neighbours_equal_a_slow_loop_even_with_many_copies(
    leave_one_out: bool, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "BLOCK_NUMBERS", block)
    rng = np.random.default_rng(3)
    x = unit(rng, 12, 8)[rng.integers(0, 12, 120)]
    found = nearest(x, x, 7, leave_one_out=leave_one_out)
    for row, query in enumerate(x.astype(np.float64)):
        others = [i for i in range(len(x)) if not (leave_one_out and i == row)]
        distance = {i: float(((x[i] - query) ** 2).sum()) for i in others}
        expected = sorted(others, key=lambda i: (round(distance[i], 9), i))[:7]
        assert found.indices[row].tolist() == expected
        np.testing.assert_allclose(found.similarities[row], x[expected] @ x[row], atol=1e-6)


def test_too_many_neighbours_are_refused() -> None:
    x = unit(np.random.default_rng(0), 3, 4)
    with pytest.raises(ValueError, match="can find 2"):
        nearest(x, x, 3, leave_one_out=True)
