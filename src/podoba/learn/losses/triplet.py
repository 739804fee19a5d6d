"""Triplet losses: ours, vectorised over the batch."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.losses.base import Loss
from podoba.runs.loss_settings import Triplet

EPSILON = 1e-12


class TripletLoss(Loss):
    """Mean of max(d(a,p) - d(a,n) + margin, 0) over the triplets that the mining rule picks in the batch.

    semi-hard: every ordered (anchor, positive) with the nearest negative further than the positive, or where there is none the
    furthest negative (Schroff et al., FaceNet, 2015). hard: every anchor with its furthest positive and nearest negative
    (batch-hard, Hermans et al., 2017). all: every triplet, averaged over those that still cost something (batch-all, ibid.).
    easy-positive: every anchor with its nearest positive and the semi-hard negative to it (Xuan et al., 2020).
    A batch without a pair or without a negative costs nothing.
    """

    needs_pairs = True

    def __init__(
        self, settings: Triplet, *, dim: int = 0, class_names: Sequence[str] = (), class_counts: Sequence[int] = ()
    ) -> None:
        super().__init__()
        self.margin = settings.margin
        self.distance = DISTANCES[settings.distance]
        self.mine = MINING[settings.mining]

    def cost(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        distances = self.distance(descriptors)
        same = labels[:, None] == labels[None, :]
        positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
        nothing = 0.0 * descriptors.sum()
        if not positive.any() or same.all():
            return nothing
        return self.mine(distances, positive, ~same, self.margin) + nothing


def _squared(descriptors: Tensor) -> Tensor:
    """Pairwise squared Euclidean distances of unit vectors: 2 - 2 cos."""
    return (2.0 - 2.0 * descriptors @ descriptors.T).clamp_min(0.0)


def _euclidean(descriptors: Tensor) -> Tensor:
    # The root has no gradient at zero, where equal descriptors lie: there the distance counts as constant.
    squared = _squared(descriptors)
    zero = squared <= EPSILON
    return torch.where(zero, squared, squared.masked_fill(zero, 1.0).sqrt())


def _cosine(descriptors: Tensor) -> Tensor:
    return 1.0 - descriptors @ descriptors.T


def _semi_hard_negatives(distances: Tensor, negative: Tensor) -> Tensor:
    """(B, B): for anchor a and limit d(a, j) the nearest negative strictly further, or where none is the furthest.

    Each anchor's negatives are sorted once and searched, so that memory stays at B squared.
    """
    ranked = distances.masked_fill(~negative, -torch.inf).sort(dim=1).values
    place = torch.searchsorted(ranked.detach(), distances.detach().contiguous(), right=True)
    return ranked.gather(1, place.clamp_max(ranked.shape[1] - 1))


def _semi_hard(distances: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    further = _semi_hard_negatives(distances, negative)
    pairs = positive & negative.any(1, keepdim=True)
    return functional.relu(distances[pairs] - further[pairs] + margin).mean()


def _hard(distances: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    anchors = positive.any(1) & negative.any(1)
    furthest = distances.masked_fill(~positive, -torch.inf).amax(1)[anchors]
    nearest = distances.masked_fill(~negative, torch.inf).amin(1)[anchors]
    return functional.relu(furthest - nearest + margin).mean()


def _all(distances: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """A triplet costs something where d(a,n) < d(a,p) + margin; of each pair these are the first so many sorted negatives.

    Their sum is a difference of running sums, so that memory stays at B squared where the triplets are B cubed.
    """
    ranked = distances.masked_fill(~negative, torch.inf).sort(dim=1).values
    limits = distances + margin
    count = torch.searchsorted(ranked.detach(), limits.detach())
    sums = functional.pad(ranked.masked_fill(ranked.isinf(), 0.0).cumsum(1), (1, 0))
    costs = count * limits - sums.gather(1, count)
    return costs[positive].sum() / count[positive].sum().clamp_min(1)


def _easy_positive(distances: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    anchors = positive.any(1) & negative.any(1)
    nearest, partner = distances.masked_fill(~positive, torch.inf).min(1)
    further = _semi_hard_negatives(distances, negative).gather(1, partner[:, None]).squeeze(1)
    return functional.relu(nearest[anchors] - further[anchors] + margin).mean()


DISTANCES: dict[str, Callable[[Tensor], Tensor]] = {"euclidean": _euclidean, "squared-euclidean": _squared, "cosine": _cosine}
MINING: dict[str, Callable[[Tensor, Tensor, Tensor, float], Tensor]] = {
    "semi-hard": _semi_hard,
    "hard": _hard,
    "all": _all,
    "easy-positive": _easy_positive,
}
