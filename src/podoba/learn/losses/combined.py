"""Several losses on one batch: a classification loss for the classes, a metric loss for what lies between them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from podoba.learn.losses.base import Loss


class CombinedLoss(Loss):
    """The sum of weight times loss; needs what any of its parts needs."""

    def __init__(self, parts: Sequence[Loss], weights: Sequence[float]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.weights = list(weights)
        self.needs_logits = any(part.needs_logits for part in parts)
        self.needs_pairs = any(part.needs_pairs for part in parts)

    def cost(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        costs = [weight * part(descriptors, labels, logits) for weight, part in zip(self.weights, self.parts, strict=True)]
        return torch.stack(costs).sum()
