"""Re-ranking against slow loops that follow the formulas of the papers."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.ranking.diversity import diversify
from podoba.ranking.reranking import augment_database, expand_query, fit_whitening, k_reciprocal_distances


def unit(rng: np.random.Generator, *shape: int) -> np.ndarray:
    values = rng.standard_normal(shape) + 0.5
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 3.0])
def test_query_expansion_is_the_weighted_sum(alpha: float) -> None:
    rng = np.random.default_rng(0)
    query, neighbours = unit(rng, 8), unit(rng, 5, 8)
    total = query.astype(np.float64)
    for neighbour in neighbours:
        total = total + max(float(query.astype(np.float64) @ neighbour), 0.0) ** alpha * neighbour
    np.testing.assert_allclose(expand_query(query, neighbours, alpha), total / np.linalg.norm(total), atol=1e-6)


def test_an_augmented_descriptor_is_an_expanded_query() -> None:
    rng = np.random.default_rng(1)
    gallery = unit(rng, 30, 8)
    neighbours = rng.integers(0, 30, (6, 4))
    found = augment_database(gallery[:6], neighbours, gallery)
    for row in range(6):
        np.testing.assert_allclose(found[row], expand_query(gallery[row], gallery[neighbours[row]]), atol=1e-6)


def test_whitened_descriptors_vary_alike_in_every_direction() -> None:
    rng = np.random.default_rng(2)
    values = (rng.standard_normal((500, 6)) * [5, 3, 2, 1, 0.5, 0.1] + 2).astype(np.float32)
    whitening = fit_whitening(values)
    white = (values - whitening.mean) @ whitening.projection
    np.testing.assert_allclose(white.T @ white / 500, np.eye(6), atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(whitening.apply(values), axis=1), 1, atol=1e-6)
    turned = fit_whitening(values, power=0)  # turning alone changes no distance
    moved = (values - turned.mean) @ turned.projection
    np.testing.assert_allclose(np.linalg.norm(moved[0] - moved[1]), np.linalg.norm(values[0] - values[1]), rtol=1e-5)
    assert fit_whitening(values, dim=2).apply(values).shape == (500, 2)
    flat = np.concatenate([values, np.ones((500, 2), dtype=np.float32)], axis=1)
    assert fit_whitening(flat).projection.shape == (8, 6)  # what does not vary is left out
    with pytest.raises(ValueError, match="two descriptors"):
        fit_whitening(values[:1])


def slow_k_reciprocal(query: np.ndarray, candidates: np.ndarray, k1: int, k2: int, share: float) -> np.ndarray:
    """Zhong et al. 2017, sections 3.2 to 3.5, with sets."""
    points = np.concatenate([query[None], candidates]).astype(np.float64)
    n = len(points)
    distance = np.array([[max(2 - 2 * a @ b, 0) for b in points] for a in points])
    distance = distance / distance.max(axis=1, keepdims=True)
    order = [list(np.argsort(row, kind="stable")) for row in distance]

    def near(i: int, k: int) -> set[int]:
        return {j for j in order[i][: k + 1] if i in order[j][: k + 1]}

    encoded = np.zeros((n, n))
    for i in range(n):
        wider = set(near(i, k1))
        for j in near(i, k1):
            more = near(j, max(1, round(k1 / 2)))
            if len(more & near(i, k1)) > 2 / 3 * len(more):
                wider |= more
        total = sum(np.exp(-distance[i, j]) for j in wider)
        for j in wider:
            encoded[i, j] = np.exp(-distance[i, j]) / total
    if k2 > 1:
        encoded = np.array([np.mean([encoded[j] for j in order[i][:k2]], axis=0) for i in range(n)])
    result = []
    for i in range(1, n):
        least = sum(min(encoded[0, j], encoded[i, j]) for j in range(n))
        most = sum(max(encoded[0, j], encoded[i, j]) for j in range(n))
        result.append((1 - share) * (1 - least / most) + share * distance[0, i])
    return np.array(result)


@pytest.mark.parametrize(("k1", "k2", "share"), [(20, 6, 0.3), (5, 1, 0.0), (4, 3, 1.0), (100, 6, 0.3)])
def test_k_reciprocal_distances_are_those_of_sets(k1: int, k2: int, share: float) -> None:
    rng = np.random.default_rng(3)
    query, candidates = unit(rng, 6), unit(rng, 40, 6)
    found = k_reciprocal_distances(query, candidates, k1, k2, share)
    np.testing.assert_allclose(found, slow_k_reciprocal(query, candidates, k1, k2, share), atol=1e-9)


def test_k_reciprocal_of_few_or_none() -> None:
    rng = np.random.default_rng(4)
    assert k_reciprocal_distances(unit(rng, 6), unit(rng, 0, 6)).shape == (0,)
    assert k_reciprocal_distances(unit(rng, 6), unit(rng, 1, 6)).shape == (1,)


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
