from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from podoba.metrics.knn import knn_predict, knn_score, vote


def unit(rng: np.random.Generator, n: int, dim: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, dim)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


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


def test_ties_go_to_the_class_that_sorts_first() -> None:
    neighbours = np.array([[0, 1], [2, 1], [2, 3]])
    assert vote(neighbours, ["b", "a", "c", "c"]).tolist() == ["a", "a", "c"]


def test_of_a_gallery_smaller_than_k_all_vote() -> None:
    x = unit(np.random.default_rng(1), 3, 8)
    assert knn_predict(x, ["a", "b", "b"], x).tolist() == ["b", "b", "b"]


def test_a_place_without_an_image_has_no_vote() -> None:
    assert vote(np.array([[0, 0, 1], [1, -1, -1]]), ["b", "a"]).tolist() == ["b", "a"]
