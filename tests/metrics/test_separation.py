from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score

from podoba.metrics.separation import separation


def unit(n: int, dim: int, seed: int) -> NDArray[np.float32]:
    x = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def slow(x: NDArray[np.float32], y: list[int]) -> dict[str, float | None]:
    """The formulas, pair by pair."""
    within, between, squares, gauss = [], [], [], []
    for i in range(len(x)):
        for j in range(i):
            d = math.dist(x[i].astype(float), x[j].astype(float))
            gauss.append(math.exp(-2 * d * d))
            if y[i] == y[j]:
                within.append(d)
                squares.append(d * d)
            else:
                between.append(d)
    mean_within = float(np.mean(within)) if within else None
    mean_between = float(np.mean(between)) if between else None
    return {
        "within": mean_within,
        "between": mean_between,
        "ratio": mean_within / mean_between if mean_within is not None and mean_between else None,
        "alignment": float(np.mean(squares)) if squares else None,
        "uniformity": math.log(float(np.mean(gauss))),
    }


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 24), st.integers(2, 6), st.integers(1, 5), st.integers(0, 10**6), st.sampled_from([1, 5, 512]))
def test_equals_the_slow_loop(n: int, dim: int, classes: int, seed: int, block: int) -> None:
    x = unit(n, dim, seed)
    y = np.random.default_rng(seed + 1).integers(0, classes, n)
    measured = vars(separation(x, y, rows_at_once=block))
    silhouette = measured.pop("silhouette")
    # Distances are those of float32 cosines: an error of 1e-7 of a cosine is one of 1e-5 of a distance of 0.01.
    for name, value in slow(x, y.tolist()).items():
        assert measured[name] == (None if value is None else pytest.approx(value, rel=1e-5, abs=1e-4)), name
    if 2 <= len(set(y.tolist())) <= n - 1:
        assert silhouette == pytest.approx(silhouette_score(x.astype(np.float64), y), abs=1e-5)


def test_unlabelled_images_are_left_out() -> None:
    x, y = unit(12, 4, 0), np.array([0, 1, -1] * 4)
    assert separation(x, y) == separation(x[y >= 0], y[y >= 0])


def test_too_little_to_measure() -> None:
    assert set(vars(separation(unit(1, 4, 0), np.array([0]))).values()) == {None}
    one_class = separation(unit(4, 4, 0), np.zeros(4, np.int64))
    assert one_class.between is None
    assert one_class.silhouette is None
    assert one_class.within is not None
    apart = separation(unit(3, 4, 0), np.arange(3))
    assert apart.within is None
    assert apart.silhouette == 0.0
