"""From the features of the trained backbone to descriptors."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podoba.metrics.evaluation import evaluate

Floats = NDArray[np.float32]
Names = NDArray[np.str_]


class Descriptor(nn.Module):
    """A backbone, and a linear map of its features or of their square roots.

    Roots weigh what is faint against what is strong (Arandjelovic and Zisserman, "Three things everyone should know to improve
    object retrieval", 2012; Jegou et al., 2012, for aggregated features).
    """

    roots: Tensor

    def __init__(self, backbone: nn.Module, projection: nn.Linear, *, roots: bool) -> None:
        super().__init__()
        self.backbone = backbone
        self.projection = projection
        self.register_buffer("roots", torch.tensor(roots))  # travels with the weights: the map is of no use without it
        self.rooted = roots

    def forward(self, images: Tensor) -> Tensor:
        """Descriptors (B, dim), not of unit length yet, of images (B, 3, H, W), float32 in [0, 1]."""
        features = self.backbone(images)
        descriptors: Tensor = self.projection(features.clamp(min=0).sqrt() if self.rooted else features)
        return descriptors


def prepared(features: Floats, *, roots: bool) -> Floats:
    """What the linear map is of: features (N, F), or their square roots."""
    return np.sqrt(features.clip(0)) if roots else features


def whitening(features: Floats, dim: int, power: float) -> nn.Linear:
    """Principal components of features (N, F), each divided by its deviation to a power (Jegou and Chum, 2012).

    Args:
        dim: components kept.
        power: 1 whitens fully, 0 only turns; between them rare directions count less than under full whitening.
    """
    mean = features.mean(0, dtype=np.float64)
    values, vectors = np.linalg.eigh(np.cov(features - mean, rowvar=False))
    order = np.argsort(values)[::-1][:dim]
    scale = np.maximum(values[order], values[order[0]] * 1e-6) ** (-power / 2)
    matrix = (vectors[:, order] * scale).T
    return linear(matrix, -matrix @ mean)


def linear(matrix: NDArray[np.floating], bias: NDArray[np.floating]) -> nn.Linear:
    """A torch layer of a matrix (out, in) and a bias (out,)."""
    layer = nn.Linear(matrix.shape[1], matrix.shape[0])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(matrix))
        layer.bias.copy_(torch.from_numpy(bias))
    return layer


def apply(layer: nn.Linear, features: Floats) -> Floats:
    """Its outputs (N, out)."""
    with torch.inference_mode():
        outputs: Floats = layer(torch.from_numpy(features)).numpy()
    return outputs


def unit(vectors: Floats) -> Floats:
    """Rows of length 1."""
    units: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)
    return units


def transfer_score(descriptors: Floats, labels: Names) -> float:
    """KNN score, each image against all others, of classes that were never learned."""
    return float(evaluate(descriptors, labels.tolist()).knn_score or 0.0)
