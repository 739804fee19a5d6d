from __future__ import annotations

import pytest
import torch
from pydantic import TypeAdapter
from torch.nn import functional

from podoba.learn.losses.registry import build_loss
from podoba.runs.loss_settings import Combined, LossSettings

LABELS = torch.arange(24) % 3


def test_combined_is_the_weighted_sum_of_its_parts() -> None:
    told = TypeAdapter(LossSettings).validate_python(
        {"name": "combined", "parts": [{"name": "cross-entropy"}, {"name": "triplet", "margin": 0.3}], "weights": [0.5, 2.0]}
    )
    assert isinstance(told, Combined)
    loss = build_loss(told, dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])
    descriptors, logits = functional.normalize(torch.randn(24, 6)), torch.randn(24, 3)
    parts = [
        build_loss(part, dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])(descriptors, LABELS, logits)
        for part in told.parts
    ]
    torch.testing.assert_close(loss(descriptors, LABELS, logits), 0.5 * parts[0] + 2.0 * parts[1])


def test_combined_wants_a_weight_for_each_part() -> None:
    with pytest.raises(ValueError, match="1 weights for 2 parts"):
        TypeAdapter(LossSettings).validate_python({"name": "combined", "weights": [1.0]})
