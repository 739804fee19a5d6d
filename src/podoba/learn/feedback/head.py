"""The head that marks teach, a linear map of the descriptors near the identity, and the calibration behind it."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from podoba.arrays import Floats
from podoba.metrics.calibration import fit_calibration
from podoba.models.calibration import Background, Calibration
from podoba.models.card import Card


class NearIdentity(nn.Module):
    """Descriptors mapped by identity + change, a shift added, unit length again; at first they stay as they are."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.change = nn.Parameter(torch.zeros(dim, dim))
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, descriptors: Tensor) -> Tensor:
        """Descriptors (..., D), unit length, of descriptors (..., D)."""
        return functional.normalize(descriptors + descriptors @ self.change.T + self.shift, dim=-1)

    def distance(self) -> Tensor:
        """Squared distance of the map from the identity."""
        return self.change.square().sum() + self.shift.square().sum()

    def mapped(self, descriptors: Floats) -> Floats:
        """Descriptors float32 (..., D), unit length, of descriptors float32 (..., D)."""
        with torch.inference_mode():
            return self(torch.from_numpy(descriptors)).numpy()  # type: ignore[no-any-return]


def carried_over(card: Card, head: NearIdentity, sample: Floats, count: int) -> Calibration | None:
    """The calibration that gives pairs the chances which they had: marks alone are no fair sample of pairs.

    Args:
        card: of the model without the head.
        sample: float32 (n, D), unit length, descriptors of the collection by that model.
        count: random pairs, beside those of each item and its ten nearest.
    """
    rng = np.random.default_rng(0)
    near = np.argsort(-(sample @ sample.T), axis=1)[:, 1:11] if len(sample) > 10 else np.zeros((len(sample), 0), dtype=np.int64)
    first = np.concatenate([np.repeat(np.arange(len(sample)), near.shape[1]), rng.integers(0, len(sample), count)])
    second = np.concatenate([near.ravel(), rng.integers(0, len(sample), count)])
    background = Background.of(sample, sample).take(first)
    chances = card.probability(np.einsum("nd,nd->n", sample[first], sample[second]), background)
    if chances is None:
        return None
    same = rng.random(len(chances)) < chances
    if same.all() or not same.any():
        return None
    mapped = head.mapped(sample)
    similarities = np.einsum("nd,nd->n", mapped[first], mapped[second]).astype(np.float64)
    return fit_calibration(similarities, Background.of(mapped, mapped).take(first), same)
