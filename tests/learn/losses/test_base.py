from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from podoba.learn.losses.cross_entropy import CrossEntropyLoss
from podoba.learn.losses.triplet import TripletLoss
from podoba.runs.loss_settings import CrossEntropy, Triplet


def test_mixed_precision_does_not_blur_the_distances() -> None:
    """Descriptors of an untrained network lie close together: in 16 bits their distances would fall into a few steps."""
    generator = torch.Generator().manual_seed(0)
    x = functional.normalize(torch.randn(1, 64, generator=generator) + 0.15 * torch.randn(64, 64, generator=generator))
    labels = torch.arange(64) % 8
    loss = TripletLoss(Triplet(margin=0.1))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = loss(x, labels)
    assert mixed.dtype == torch.float32
    assert torch.equal(mixed, loss(x, labels))


def test_half_precision_logits_are_widened() -> None:
    loss = CrossEntropyLoss(CrossEntropy(scale=16.0), dim=4, class_names=["a", "b"], class_counts=[1, 1])
    logits = torch.randn(8, 2).bfloat16()
    value = loss(torch.ones(8, 4).bfloat16(), torch.arange(8) % 2, logits)
    assert value.dtype == torch.float32
    assert torch.equal(value, functional.cross_entropy(16 * logits.float(), torch.arange(8) % 2))


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        TripletLoss(Triplet())(torch.ones(4, 2), torch.zeros(3, dtype=torch.int64))
    loss = CrossEntropyLoss(CrossEntropy(), dim=2, class_names=["a"], class_counts=[4])
    with pytest.raises(ValueError, match="logits"):
        loss(torch.ones(4, 2), torch.zeros(4, dtype=torch.int64))
