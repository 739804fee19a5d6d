from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from podoba.metrics.calibration import expected_calibration_error, fit_logistic, reliability


def test_recovers_the_curve_that_made_the_pairs() -> None:
    rng = np.random.default_rng(0)
    similarity = rng.uniform(-1, 1, 40_000)
    same = rng.random(40_000) < 1 / (1 + np.exp(-(6 * similarity - 2)))
    slope, intercept = fit_logistic(similarity, same)
    assert slope == pytest.approx(6, abs=0.2)
    assert intercept == pytest.approx(-2, abs=0.1)
    theirs = LogisticRegression(C=1e9).fit(similarity[:, None], same)
    assert slope == pytest.approx(theirs.coef_[0, 0], rel=1e-2)
    chance = 1 / (1 + np.exp(-(slope * similarity + intercept)))
    assert expected_calibration_error(chance, same) < 0.01
    assert sum(count for _, _, count in reliability(chance, same)) == 40_000


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 80), st.integers(1, 12), st.integers(0, 10**6))
def test_reliability_equals_a_slow_loop(n: int, bins: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.choice([0.0, 0.1, 0.25, 0.5, 1.0, float(rng.random())], n)
    same = rng.random(n) < 0.5
    members: dict[int, list[tuple[float, bool]]] = {}
    for probability, alike in zip(probabilities.tolist(), same.tolist(), strict=True):
        members.setdefault(min(int(probability * bins), bins - 1), []).append((probability, alike))
    expected = [
        (sum(p for p, _ in pairs) / len(pairs), sum(alike for _, alike in pairs) / len(pairs), len(pairs))
        for _, pairs in sorted(members.items())
    ]
    measured = reliability(probabilities, same, bins)
    assert [row[2] for row in measured] == [row[2] for row in expected]
    np.testing.assert_allclose(measured, expected)
    error = sum(count * abs(mean - share) for mean, share, count in expected) / n
    assert expected_calibration_error(probabilities, same, bins) == pytest.approx(error)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 200), st.integers(0, 10**6))
def test_the_fit_is_where_the_smoothed_loss_is_least(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    similarities = rng.uniform(-1, 1, n)
    same = rng.random(n) < 1 / (1 + np.exp(-4 * similarities))
    same[:2] = [True, False]
    target = np.where(same, (same.sum() + 1) / (same.sum() + 2), 1 / ((~same).sum() + 2))

    def loss(slope: float, intercept: float) -> float:
        logits = slope * similarities + intercept
        return float((np.logaddexp(0, logits) - target * logits).sum())

    slope, intercept = fit_logistic(similarities, same)
    around = [loss(slope + a, intercept + b) for a in (-0.01, 0, 0.01) for b in (-0.01, 0, 0.01)]
    assert loss(slope, intercept) <= min(around) + 1e-9


def test_separable_pairs_stay_finite_and_one_sort_is_refused() -> None:
    similarity = np.array([-0.5, -0.4, 0.8, 0.9])
    same = np.array([False, False, True, True])
    assert np.isfinite(fit_logistic(similarity, same)).all()
    with pytest.raises(ValueError, match="alike"):
        fit_logistic(similarity, np.ones(4, dtype=bool))


def test_error_of_probabilities_that_are_off_by_a_fifth() -> None:
    same = np.array([True] * 7 + [False] * 3)
    assert expected_calibration_error(np.full(10, 0.9), same) == pytest.approx(0.2)
