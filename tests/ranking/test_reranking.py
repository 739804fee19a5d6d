"""Re-ranking against slow loops that follow the formulas of the papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from podoba.ranking.reranking import augment_database, expand_query, fit_whitening, k_reciprocal_distances


def unit(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    values = rng.standard_normal(shape) + 0.5
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), dtype=np.float32)


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
    augmented = augment_database(gallery[:6], neighbours, gallery)
    for row in range(6):
        np.testing.assert_allclose(augmented[row], expand_query(gallery[row], gallery[neighbours[row]]), atol=1e-6)


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


def slow_whitening(values: NDArray[np.float32], dim: int, power: float) -> list[list[float]]:
    """Coordinates (n, dim) of Jégou and Chum 2012, direction by direction, each found by a singular value decomposition."""
    mean = [sum(float(row[j]) for row in values) / len(values) for j in range(values.shape[1])]
    centred = [[float(value) - m for value, m in zip(row, mean, strict=True)] for row in values]
    _, lengths, directions = np.linalg.svd(np.array(centred), full_matrices=False)
    deviations = [length / len(values) ** 0.5 for length in lengths]
    rows = []
    for row in centred:
        coordinates = []
        for direction, deviation in list(zip(directions, deviations, strict=True))[:dim]:
            coordinates.append(sum(a * float(b) for a, b in zip(row, direction, strict=True)) / deviation**power)
        rows.append(coordinates)
    return rows


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.sampled_from([0.0, 0.5, 1.0]))
def test_whitening_equals_a_slow_loop(seed: int, dim: int, power: float) -> None:
    rng = np.random.default_rng(seed)
    values = (rng.standard_normal((20, 5)) * [5, 3, 2, 1, 0.5] + 1).astype(np.float32)
    expected = np.array(slow_whitening(values, dim, power))
    directions = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    white = fit_whitening(values, dim, power).apply(values)
    np.testing.assert_allclose(white @ white.T, directions @ directions.T, atol=1e-5)  # a direction's sign is free


def slow_k_reciprocal(
    query: NDArray[np.float32], candidates: NDArray[np.float32], k1: int, k2: int, share: float
) -> NDArray[np.float64]:
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
@pytest.mark.parametrize("seed", range(3))
def test_k_reciprocal_distances_are_those_of_sets(k1: int, k2: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    query, candidates = unit(rng, 6), unit(rng, 40, 6)
    distances = k_reciprocal_distances(query, candidates, k1, k2, share)
    np.testing.assert_allclose(distances, slow_k_reciprocal(query, candidates, k1, k2, share), atol=1e-9)


def test_k_reciprocal_of_few_or_none() -> None:
    rng = np.random.default_rng(4)
    assert k_reciprocal_distances(unit(rng, 6), unit(rng, 0, 6)).shape == (0,)
    assert k_reciprocal_distances(unit(rng, 6), unit(rng, 1, 6)).shape == (1,)
