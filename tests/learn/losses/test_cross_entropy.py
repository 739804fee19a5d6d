from __future__ import annotations

import math

import pytest
import torch

from podoba.errors import SettingsError
from podoba.learn.losses.cross_entropy import CrossEntropyLoss
from podoba.runs.loss_settings import CrossEntropy

NAMES, COUNTS = ["a", "b", "c"], [10, 30, 60]


def build(**options: object) -> CrossEntropyLoss:
    return CrossEntropyLoss(CrossEntropy.model_validate(options), dim=4, class_names=NAMES, class_counts=COUNTS)


@pytest.mark.parametrize("weights", ["none", "balanced", {"a": 2.0, "b": 1.0, "c": 0.5}])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_equals_the_formula(weights: object, smoothing: float, scale: float) -> None:
    logits = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)).double()
    labels = torch.arange(20) % 3
    used = [1.0] * 3
    if weights == "balanced":
        used = [100 / (3 * n) for n in COUNTS]
    elif isinstance(weights, dict):
        used = [weights[name] for name in NAMES]
    total, weight = 0.0, 0.0
    for row, label in zip((scale * logits).tolist(), labels.tolist(), strict=True):
        log_sum = math.log(sum(math.exp(v) for v in row))
        minus_log = [log_sum - v for v in row]
        total += (1 - smoothing) * used[label] * minus_log[label]
        total += smoothing * sum(w * m for w, m in zip(used, minus_log, strict=True)) / 3
        weight += used[label]
    loss = build(class_weights=weights, label_smoothing=smoothing, scale=scale).double()
    assert float(loss(torch.zeros(20, 4), labels, logits)) == pytest.approx(total / weight, rel=1e-5)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"a": 1.0, "b": 1.0}, "'c' is given no weight"),
        ({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}, "'d' is not a class"),
    ],
)
def test_weights_must_name_every_class(weights: dict[str, float], said: str) -> None:
    with pytest.raises(SettingsError, match=f"class_weights: {said}"):
        build(class_weights=weights)


def test_balanced_weights_give_every_class_the_same_say() -> None:
    weights = build(class_weights="balanced").weights
    assert weights is not None
    shares = [float(weight) * count for weight, count in zip(weights, COUNTS, strict=True)]
    assert shares == pytest.approx([100 / 3] * 3)
