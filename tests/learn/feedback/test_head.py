from __future__ import annotations

import numpy as np
import pytest
import torch

from podoba.learn.feedback.head import NearIdentity, carried_over
from podoba.models.calibration import Background, Calibration
from podoba.models.card import Card


def test_a_head_that_has_not_learned_changes_nothing(sample: np.ndarray) -> None:
    rows = torch.from_numpy(sample)
    torch.testing.assert_close(NearIdentity(6)(rows), rows)
    np.testing.assert_allclose(NearIdentity(6).mapped(sample), sample, atol=1e-6)
    assert NearIdentity(6).distance().item() == 0


def test_descriptors_are_mapped_row_by_row(sample: np.ndarray) -> None:
    head = NearIdentity(6)
    with torch.no_grad():
        head.change[0, 1], head.shift[2] = 0.5, 0.25
    expected = sample.copy()
    for row in expected:
        row[0] += 0.5 * row[1]
        row[2] += 0.25
        row /= np.linalg.norm(row)
    np.testing.assert_allclose(head.mapped(sample), expected, atol=1e-6)
    assert head.distance().item() == pytest.approx(0.5**2 + 0.25**2)


CALIBRATION = Calibration(nearness=3, contrast=1, intercept=-4, usual_mean=0, usual_spread=0.4)


def card(calibration: Calibration | None) -> Card:
    return Card(name="x", input_size=8, dim=6, backbone="none", calibration=calibration)


@pytest.fixture
def items() -> np.ndarray:
    values = np.random.default_rng(0).standard_normal((400, 6))
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values.astype(np.float32)


def test_a_head_that_changes_nothing_keeps_the_calibration(items: np.ndarray) -> None:
    kept = carried_over(card(CALIBRATION), NearIdentity(6), items, 20_000)
    assert kept is not None
    assert (kept.nearness, kept.contrast, kept.intercept) == pytest.approx((3, 1, -4), rel=0.15)


def test_chances_stay_where_similarities_move(items: np.ndarray) -> None:
    head = NearIdentity(6)
    with torch.no_grad():
        head.change[0, 0] = 3.0
    few = items[:10]  # too few for near pairs: all are drawn alike
    kept = carried_over(card(CALIBRATION), head, few, 20_000)
    assert kept is not None
    mapped = head.mapped(few)
    before = card(CALIBRATION).probability(few @ few.T, Background.of(few, few))
    after = card(kept).probability(mapped @ mapped.T, Background.of(mapped, mapped))
    assert before is not None
    assert after is not None
    assert after.mean() == pytest.approx(before.mean(), abs=0.02)


def test_what_was_never_calibrated_is_not_now(items: np.ndarray) -> None:
    assert carried_over(card(None), NearIdentity(6), items, 100) is None
    all_alike = CALIBRATION.model_copy(update={"intercept": 100.0})
    assert carried_over(card(all_alike), NearIdentity(6), items, 100) is None
