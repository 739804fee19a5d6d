from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from podoba.metrics.intervals import bootstrap_means, bootstrap_share, estimate, runs_to_decide


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12), st.sampled_from([0.8, 0.95, 0.99]))
def test_interval_follows_the_formula(values: list[float], confidence: float) -> None:
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    half = stats.t.ppf((1 + confidence) / 2, len(values) - 1) * deviation / math.sqrt(len(values))
    estimated = estimate(values, confidence)
    assert estimated.n == len(values)
    assert [estimated.mean, estimated.deviation, estimated.low, estimated.high] == pytest.approx(
        [mean, deviation, mean - half, mean + half], rel=1e-6, abs=1e-6
    )
    assert estimated.half == pytest.approx(half, rel=1e-6, abs=1e-6)


def test_a_single_value_has_no_interval() -> None:
    estimated = estimate([0.7])
    assert (estimated.mean, estimated.n, estimated.deviation, estimated.low, estimated.high, estimated.half) == (
        0.7,
        1,
        None,
        None,
        None,
        None,
    )
    with pytest.raises(ValueError, match="no values"):
        estimate([])


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 5), st.floats(0.001, 5))
def test_runs_to_decide_is_the_least_number(mean: float, deviation: float) -> None:
    n = np.arange(2, 1001)
    decided = np.flatnonzero(stats.t.ppf(0.975, n - 1) * deviation / np.sqrt(n) < mean)
    assert runs_to_decide(-mean, deviation) == (int(n[decided[0]]) if len(decided) else None)


def test_runs_to_decide_what_cannot_be_decided() -> None:
    assert runs_to_decide(0.1, None) is None
    assert runs_to_decide(0.0, 0.1) is None
    assert runs_to_decide(0.1, 0.0) == 2
    needed = runs_to_decide(0.1, 0.3)
    assert needed is not None
    assert runs_to_decide(0.1, 0.3, most=needed - 1) is None


def test_bootstrap_means_are_those_of_samples_drawn_one_by_one() -> None:
    values = np.random.default_rng(0).random((300, 2)) * [1, 5]
    rng = np.random.default_rng(1)
    means = np.array([values[rng.integers(0, 300, 300)].mean(axis=0) for _ in range(4000)])
    expected = np.percentile(means, [2.5, 97.5], axis=0).T
    np.testing.assert_allclose(bootstrap_means(values, 4000) / [[1], [5]], expected / [[1], [5]], atol=0.006)
    assert np.array_equal(bootstrap_means(values), bootstrap_means(values))
    assert not np.array_equal(bootstrap_means(values, seed=1), bootstrap_means(values))


def test_the_interval_of_a_share_is_that_of_its_mean() -> None:
    correct = (np.random.default_rng(0).random(400) < 0.3).astype(np.float64)
    assert bootstrap_share(correct, 4000) == pytest.approx(tuple(bootstrap_means(correct[:, None], 4000)[0]), abs=0.01)
    assert bootstrap_share(np.ones(7)) == (1.0, 1.0)
