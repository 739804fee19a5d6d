"""Losses of pytorch-metric-learning, by name, with their options checked by our settings."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from podoba.errors import require
from podoba.learn.losses.base import Loss
from podoba.runs.loss_settings import (
    ArcFace,
    Circle,
    Contrastive,
    CosFace,
    LossOptions,
    MultiSimilarity,
    NTXent,
    ProxyAnchor,
    SupCon,
)  # fmt: skip

BUILDERS: dict[type[LossOptions], Callable[[Any, Any, int, int], nn.Module]] = {
    Contrastive: lambda pml, s, dim, n: pml.ContrastiveLoss(pos_margin=s.pos_margin, neg_margin=s.neg_margin),
    MultiSimilarity: lambda pml, s, dim, n: pml.MultiSimilarityLoss(alpha=s.alpha, beta=s.beta, base=s.base),
    ArcFace: lambda pml, s, dim, n: pml.ArcFaceLoss(n, dim, margin=s.margin, scale=s.scale),
    CosFace: lambda pml, s, dim, n: pml.CosFaceLoss(n, dim, margin=s.margin, scale=s.scale),
    ProxyAnchor: lambda pml, s, dim, n: pml.ProxyAnchorLoss(n, dim, margin=s.margin, alpha=s.alpha),
    SupCon: lambda pml, s, dim, n: pml.SupConLoss(temperature=s.temperature),
    Circle: lambda pml, s, dim, n: pml.CircleLoss(m=s.m, gamma=s.gamma),
    NTXent: lambda pml, s, dim, n: pml.NTXentLoss(temperature=s.temperature),
}


class LibraryLoss(Loss):
    """One loss of pytorch-metric-learning (https://kevinmusgrave.github.io/pytorch-metric-learning); as it is, on any batch."""

    def __init__(self, settings: LossOptions, *, dim: int, class_names: Sequence[str], class_counts: Sequence[int]) -> None:
        super().__init__()
        losses = require("pytorch_metric_learning.losses", "train")
        self.inner = BUILDERS[type(settings)](losses, settings, dim, len(class_names))

    def cost(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        loss: Tensor = self.inner(descriptors, labels)
        # Without a pair the library gives a zero that is tied to no weight.
        return loss + 0.0 * descriptors.sum()


class PairLoss(LibraryLoss):
    """A loss on pairs of the batch."""

    needs_pairs = True
