from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from podoba.metrics.intervals import MOST_SEEDS, estimate, paired_difference, runs_to_decide, student_quantile


@given(st.floats(0.001, 0.999), st.integers(1, 400))
def test_quantile_equals_scipy(probability: float, degrees: int) -> None:
    assert student_quantile(probability, degrees) == pytest.approx(stats.t.ppf(probability, degrees), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("probability", "degrees"), [(0.0, 3), (1.0, 3), (0.5, 0)])
def test_no_such_quantile(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        student_quantile(probability, degrees)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12), st.sampled_from([0.8, 0.95, 0.99]))
def test_interval_follows_the_formula(values: list[float], confidence: float) -> None:
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    half = stats.t.ppf((1 + confidence) / 2, len(values) - 1) * deviation / math.sqrt(len(values))
    got = estimate(values, confidence)
    assert got.n == len(values)
    assert [got.mean, got.deviation, got.low, got.high] == pytest.approx(
        [mean, deviation, mean - half, mean + half], rel=1e-6, abs=1e-6
    )
    assert got.half == pytest.approx(half, rel=1e-6, abs=1e-6)


def test_a_single_value_has_no_interval() -> None:
    got = estimate([0.7])
    assert (got.mean, got.n, got.deviation, got.low, got.high, got.half) == (0.7, 1, None, None, None, None)
    with pytest.raises(ValueError, match="no values"):
        estimate([])


def test_paired_difference_equals_the_paired_t_test() -> None:
    rng = np.random.default_rng(0)
    shared = rng.normal(size=6)
    first, second = shared + 0.1 * rng.normal(size=6) + 0.2, shared + 0.1 * rng.normal(size=6)
    got = paired_difference(first.tolist(), second.tolist())
    truth = stats.ttest_rel(first, second).confidence_interval(0.95)
    assert (got.low, got.high) == (pytest.approx(truth.low), pytest.approx(truth.high))
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([1.0], [])


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 5), st.floats(0.001, 5))
def test_runs_to_decide_is_the_least_number(mean: float, deviation: float) -> None:
    n = np.arange(2, MOST_SEEDS + 1)
    decided = np.flatnonzero(stats.t.ppf(0.975, n - 1) * deviation / np.sqrt(n) < mean)
    assert runs_to_decide(-mean, deviation) == (int(n[decided[0]]) if len(decided) else None)


def test_runs_to_decide_what_cannot_be_decided() -> None:
    assert runs_to_decide(0.1, None) is None
    assert runs_to_decide(0.0, 0.1) is None
    assert runs_to_decide(0.1, 0.0) == 2
