from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from podoba.metrics.calibration import expected_calibration_error, fit_logistic, reliability


def test_recovers_the_curve_that_made_the_pairs() -> None:
    rng = np.random.default_rng(0)
    similarity = rng.uniform(-1, 1, 40_000)
    same = rng.random(40_000) < 1 / (1 + np.exp(-(6 * similarity - 2)))
    slope, intercept = fit_logistic(similarity, same)
    assert (slope, intercept) == (pytest.approx(6, abs=0.2), pytest.approx(-2, abs=0.1))
    theirs = LogisticRegression(C=1e9).fit(similarity[:, None], same)
    assert slope == pytest.approx(theirs.coef_[0, 0], rel=1e-2)
    chance = 1 / (1 + np.exp(-(slope * similarity + intercept)))
    assert expected_calibration_error(chance, same) < 0.01
    assert sum(count for _, _, count in reliability(chance, same)) == 40_000


def test_separable_pairs_stay_finite_and_one_sort_is_refused() -> None:
    similarity = np.array([-0.5, -0.4, 0.8, 0.9])
    same = np.array([False, False, True, True])
    assert np.isfinite(fit_logistic(similarity, same)).all()
    with pytest.raises(ValueError, match="alike"):
        fit_logistic(similarity, np.ones(4, dtype=bool))


def test_error_of_probabilities_that_are_off_by_a_fifth() -> None:
    same = np.array([True] * 7 + [False] * 3)
    assert expected_calibration_error(np.full(10, 0.9), same) == pytest.approx(0.2)
