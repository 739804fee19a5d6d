"""Diverse picks against a slow loop that follows the formula of maximal marginal relevance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from podoba.ranking.diversity import diversify


def unit(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    values = rng.standard_normal(shape) + 0.5
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), dtype=np.float32)


def slow(relevance: NDArray[np.float64], descriptors: NDArray[np.float32], k: int, diversity: float) -> list[int]:
    """The formula, image by image."""
    picked: list[int] = []
    while len(picked) < min(k, len(relevance)):
        scores = {}
        for i in range(len(relevance)):
            if i not in picked:
                nearest = max((float(descriptors[i] @ descriptors[j]) for j in picked), default=None)
                value = float(relevance[i])
                scores[i] = value if nearest is None else (1 - diversity) * value - diversity * nearest
        picked.append(max(scores, key=lambda i: scores[i]))
    return picked


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 25), st.integers(1, 30), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_diverse_picks_are_those_of_a_slow_loop(seed: int, count: int, k: int, diversity: float) -> None:
    rng = np.random.default_rng(seed)
    descriptors, relevance = unit(rng, count, 4), rng.random(count)
    assert diversify(relevance, descriptors, k, diversity).tolist() == slow(relevance, descriptors, k, diversity)


def test_without_diversity_the_order_stays() -> None:
    rng = np.random.default_rng(5)
    descriptors, relevance = unit(rng, 25, 4), rng.random(25)
    assert diversify(relevance, descriptors, 99, 0).tolist() == np.argsort(-relevance).tolist()
    with pytest.raises(ValueError, match="between 0 and 1"):
        diversify(relevance, descriptors, 3, 1.5)


def test_copies_of_one_picture_are_shown_once() -> None:
    same, other = np.eye(3, dtype=np.float32)[0], np.eye(3, dtype=np.float32)[1]
    descriptors = np.stack([same, same, same, other])
    assert diversify(np.array([0.9, 0.9, 0.9, 0.5]), descriptors, 2, 0.5).tolist() == [0, 3]
