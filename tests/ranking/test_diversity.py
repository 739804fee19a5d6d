"""Diverse picks against a slow loop that follows the formula of maximal marginal relevance."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.ranking.diversity import diversify


def unit(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    values = rng.standard_normal(shape) + 0.5
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def test_diverse_picks_are_those_of_a_slow_loop() -> None:
    rng = np.random.default_rng(5)
    descriptors = unit(rng, 25, 4)
    relevance = rng.random(25)
    for diversity in (0.0, 0.3, 1.0):
        picked = [int(np.argmax(relevance))]
        while len(picked) < 10:
            scores = {
                i: (1 - diversity) * relevance[i] - diversity * max(float(descriptors[i] @ descriptors[j]) for j in picked)
                for i in range(25)
                if i not in picked
            }
            picked.append(max(scores, key=lambda i: scores[i]))
        assert diversify(relevance, descriptors, 10, diversity).tolist() == picked
    assert diversify(relevance, descriptors, 99, 0).tolist() == np.argsort(-relevance).tolist()
    with pytest.raises(ValueError, match="between 0 and 1"):
        diversify(relevance, descriptors, 3, 1.5)


def test_copies_of_one_picture_are_shown_once() -> None:
    same, other = np.eye(3, dtype=np.float32)[0], np.eye(3, dtype=np.float32)[1]
    descriptors = np.stack([same, same, same, other])
    assert diversify(np.array([0.9, 0.9, 0.9, 0.5]), descriptors, 2, 0.5).tolist() == [0, 3]
