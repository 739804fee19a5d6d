from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from podoba.runs.loss_settings import CrossEntropy, LossSettings


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "cross-entropy", "class_weights": {"a": -1.0}}, "weight of 'a'"),
        ({"name": "cross-entropy", "class_weights": {"a": float("nan")}}, "weight of 'a'"),
        ({"name": "cross-entropy", "class_weights": {"a": True}}, "weight of 'a'"),
        ({"name": "cross-entropy", "class_weights": "inverse"}, "none, balanced"),
        ({"name": "cross-entropy", "label_smoothing": 1.0}, "label_smoothing"),
        ({"name": "triplet", "margin": float("inf")}, "finite"),
        ({"name": "triplet", "minning": "hard"}, "minning"),
        ({"name": "contrastive", "pos_margin": 1.0, "neg_margin": 0.5}, "pos_margin must be below"),
        ({"name": "arcface", "margin": 95}, "margin"),
    ],
)
def test_options_that_no_loss_can_work_with_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(LossSettings).validate_python(options)


def test_classes_named_by_numbers_keep_their_weights() -> None:
    assert CrossEntropy.model_validate({"class_weights": {0: 1, "1": 2.5}}).class_weights == {"0": 1.0, "1": 2.5}
