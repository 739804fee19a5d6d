from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from podoba.metrics.calibration import (
    CalibrationSettings,
    LabelledSet,
    calibrate,
    expected_calibration_error,
    fit_calibration,
    fit_logistic,
    reliability,
    shown_chances,
)
from podoba.models.calibration import Background, Calibration
from podoba.ranking.exact import nearest

CALIBRATION = Calibration(nearness=1.8, contrast=0.4, intercept=-4, usual_mean=0.3, usual_spread=0.15)


def test_recovers_the_curve_that_made_the_pairs() -> None:
    rng = np.random.default_rng(0)
    similarity = rng.uniform(-1, 1, 40_000)
    same = rng.random(40_000) < 1 / (1 + np.exp(-(6 * similarity - 2)))
    slope, intercept = fit_logistic(similarity[:, None], same)
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

    slope, intercept = fit_logistic(similarities[:, None], same)
    around = [loss(slope + a, intercept + b) for a in (-0.01, 0, 0.01) for b in (-0.01, 0, 0.01)]
    assert loss(slope, intercept) <= min(around) + 1e-9


def test_separable_pairs_stay_finite_and_one_sort_is_refused() -> None:
    similarity = np.array([-0.5, -0.4, 0.8, 0.9])
    same = np.array([False, False, True, True])
    assert np.isfinite(fit_logistic(similarity[:, None], same)).all()
    with pytest.raises(ValueError, match="alike"):
        fit_logistic(similarity[:, None], np.ones(4, dtype=bool))


def test_error_of_probabilities_that_are_off_by_a_fifth() -> None:
    same = np.array([True] * 7 + [False] * 3)
    assert expected_calibration_error(np.full(10, 0.9), same) == pytest.approx(0.2)


def kinds(classes: int, each: int, seed: int = 0, spread: float = 0.6, dim: int = 16) -> LabelledSet:
    """Images around a centre for each class."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, dim))
    vectors = np.repeat(centres, each, axis=0) + spread * rng.normal(size=(classes * each, dim))
    units = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return LabelledSet(units, [f"class {number:03}" for number in np.repeat(np.arange(classes), each)])


def test_weights_count_as_so_many_pairs() -> None:
    rng = np.random.default_rng(1)
    features, same = rng.uniform(-1, 1, (300, 2)), rng.random(300) < 0.4
    times = rng.integers(1, 4, 300)
    weighted = fit_logistic(features, same, times.astype(float))
    repeated = fit_logistic(np.repeat(features, times, axis=0), np.repeat(same, times))
    np.testing.assert_allclose(weighted, repeated, rtol=0.05)  # but for the smoothing of the targets


def test_chances_of_held_out_kinds_come_true() -> None:
    found = calibrate([kinds(40, 12), kinds(30, 5, seed=1)])
    assert found is not None
    assert found.error < 0.12  # it does not know how many kinds a collection has
    assert all(count > 0 for _, _, count in found.curve)
    near, far = found.calibration.probability(np.array([0.97, 0.2]))
    assert near > 0.7
    assert far < 0.1


def test_where_the_kind_is_missing_hardly_anything_is_likely() -> None:
    """The queries' classes are others than those of the gallery."""
    found = calibrate([kinds(40, 12)])
    assert found is not None
    asked, gallery = kinds(20, 5, seed=7), kinds(60, 8, seed=8)
    rows = np.arange(len(asked.descriptors))
    images = np.full(len(rows), -1), np.arange(len(gallery.descriptors))
    neighbours = nearest(asked.descriptors, gallery.descriptors, 10)
    strange = shown_chances(found.calibration, asked.descriptors, gallery.descriptors, neighbours, images)
    assert (strange > 0.5).mean() < 0.2
    own = nearest(asked.descriptors, asked.descriptors, 4, images=(rows, rows))
    known = shown_chances(found.calibration, asked.descriptors, asked.descriptors, own, (rows, rows))
    assert (known > 0.5).mean() > 0.8


def test_chances_of_neighbours_equal_a_slow_loop() -> None:
    some = kinds(6, 5)
    rows = np.arange(30)
    neighbours = nearest(some.descriptors, some.descriptors, 3, images=(rows, rows))
    found = shown_chances(CALIBRATION, some.descriptors, some.descriptors, neighbours, (rows, rows))
    for row in range(30):
        background = Background.of(some.descriptors[row][None], np.delete(some.descriptors, row, axis=0))
        np.testing.assert_allclose(found[row], CALIBRATION.probability(neighbours.similarities[row], background), rtol=1e-4)


def test_images_of_no_class_count_as_others() -> None:
    """The same pictures without their names: every pair with one of them is of two kinds."""
    one, more = kinds(12, 10), kinds(12, 10, seed=0)
    alone, among = calibrate([one]), calibrate([LabelledSet(one.descriptors, one.labels, more.descriptors)])
    assert alone is not None
    assert among is not None
    assert among.calibration.probability(0.9) < alone.calibration.probability(0.9)


@pytest.mark.parametrize(("classes", "each"), [(3, 40), (40, 1), (6, 2)])
def test_too_few_classes_or_pairs_tell_nothing(classes: int, each: int) -> None:
    assert calibrate([kinds(classes, each)]) is None


def test_a_chance_that_falls_with_the_similarity_is_none() -> None:
    """Each is alone in its class but for the one that is farthest from it."""
    rng = np.random.default_rng(0)
    half = rng.normal(size=(60, 8)).astype(np.float32)
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    labels = [str(number) for number in [*range(60), *range(60)]]
    settings_ = CalibrationSettings(near=119, fewest_pairs=5, few_classes=())
    assert calibrate([LabelledSet(np.concatenate([half, -half]), labels)], settings_) is None


def test_a_part_that_would_fall_with_the_similarity_is_left_out() -> None:
    rng = np.random.default_rng(0)
    similarities, mean = rng.uniform(-0.5, 0.9, 5000), rng.uniform(-0.5, 0.9, 5000)
    background = Background(mean, np.full(5000, 0.2), np.full(5000, 500))
    same = rng.random(5000) < 1 / (1 + np.exp(-8 * (similarities + mean - 0.5)))  # likelier where all is alike
    found = fit_calibration(similarities, background, same)
    assert found is not None
    assert found.contrast == 0
    assert found.nearness > 0
