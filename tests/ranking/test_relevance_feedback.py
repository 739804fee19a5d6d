"""Relevance feedback against slow loops that follow the formulas, and what it must do whatever is marked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from podoba.ranking.relevance_feedback import METHODS, linear_probe, rocchio

D = 8


def unit(rng: np.random.Generator, count: int, dim: int = D) -> NDArray[np.float32]:
    values = rng.standard_normal((count, dim)) + 0.5
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize(("right", "wrong"), [(3, 2), (0, 4), (5, 0)])
def test_rocchio_is_the_sum_of_the_formula(right: int, wrong: int) -> None:
    rng = np.random.default_rng(0)
    query, good, bad = unit(rng, 1)[0], unit(rng, right), unit(rng, wrong)
    total = query.astype(np.float64)
    for row in good:
        total = total + 0.7 * row.astype(np.float64) / right
    for row in bad:
        total = total - 0.4 * row.astype(np.float64) / wrong
    direction = rocchio(query, good, bad, unit(rng, 3), beta=0.7, gamma=0.4)
    np.testing.assert_allclose(direction, total / np.linalg.norm(total), atol=1e-6)


def test_what_cancels_out_leaves_the_query() -> None:
    query = unit(np.random.default_rng(1), 1)[0]
    none = np.empty((0, D), dtype=np.float32)
    np.testing.assert_array_equal(rocchio(query, none, query[None], none, gamma=1.0), query)


@pytest.mark.parametrize(("right", "wrong", "unmarked"), [(3, 2, 4), (3, 2, 40), (0, 3, 0), (4, 0, 20), (0, 0, 9)])
def test_a_linear_probe_minimises_its_sum(right: int, wrong: int, unmarked: int) -> None:
    rng = np.random.default_rng(2)
    query, good, bad, rest = unit(rng, 1)[0], unit(rng, right), unit(rng, wrong), unit(rng, unmarked)
    rows = [(row, 1.0, 1 / (1 + right)) for row in (query, *good)]
    rows += [(row, -1.0, 1 / wrong) for row in bad] + [(row, -1.0, 1.5 / unmarked) for row in rest]
    whole = sum(weight for _, _, weight in rows)
    mean = sum(weight * row.astype(np.float64) for row, _, weight in rows) / whole
    level = sum(weight * target for _, target, weight in rows) / whole
    curvature, slope = 0.2 * np.eye(D), 0.2 * query.astype(np.float64)
    for row, target, weight in rows:
        curvature += weight * np.outer(row - mean, row - mean)
        slope += weight * (target - level) * (row - mean)
    expected = np.linalg.solve(curvature, slope)
    direction = linear_probe(query, good, bad, rest, strength=0.2, background=1.5)
    np.testing.assert_allclose(direction, expected / np.linalg.norm(expected), atol=1e-5)


def test_the_stronger_the_pull_the_less_is_learned() -> None:
    rng = np.random.default_rng(3)
    query, good, bad, rest = unit(rng, 1)[0], unit(rng, 3), unit(rng, 3), unit(rng, 20)
    near = [float(query @ linear_probe(query, good, bad, rest, strength=s)) for s in (0.01, 0.1, 1.0, 1e6)]
    assert near == sorted(near)
    assert near[-1] == pytest.approx(1)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 12), st.integers(0, 12), st.integers(0, 30))
def test_a_direction_is_of_unit_length_and_finite_whatever_is_marked(
    name: str, seed: int, right: int, wrong: int, unmarked: int
) -> None:
    rng = np.random.default_rng(seed)
    query = unit(rng, 1)[0]
    direction = METHODS[name](query, unit(rng, right), unit(rng, wrong), unit(rng, unmarked))
    assert direction.dtype == np.float32
    assert float(np.linalg.norm(direction)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_marks_of_a_kind_bring_the_rest_of_it_forward(name: str) -> None:
    """A kind that differs from another in one direction, which the query alone does not tell from the others."""
    rng = np.random.default_rng(4)
    values = rng.standard_normal((400, 16))
    kind = np.arange(400) % 2 == 0
    values[:, 0] += np.where(kind, 1.0, -1.0)
    values = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    query, marked, rest = values[0], np.argsort(-(values @ values[0]))[1:11], slice(100, None)
    right, wrong = values[marked[kind[marked]]], values[marked[~kind[marked]]]
    direction = METHODS[name](query, right, wrong, values[200:300])

    def margin(towards: NDArray[np.float32]) -> float:
        scores = values[rest] @ towards
        return float(scores[kind[rest]].mean() - scores[~kind[rest]].mean())

    assert margin(direction) > 1.5 * margin(query) > 0
