"""From the features of the trained backbone to descriptors, and from their similarity to a probability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podoba.metrics.calibration import expected_calibration_error, fit_logistic, reliability
from podoba.metrics.evaluation import evaluate
from podoba.ranking.exact import nearest

NEIGHBOURS = 20  # of a query that are paired with it
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


@dataclass(frozen=True)
class Calibrated:
    """The curve of all pairs, and how good it was on classes it was not fitted on."""

    slope: float
    intercept: float
    error: float
    curve: list[tuple[float, float, int]]


def calibrate(unseen: Floats, unseen_labels: Names, others: Floats) -> Calibrated:
    """Fit the probability on pairs of a query of an unseen class with images that a search would show it.

    Every image of an unseen class asks among all of them and the images of the classes seen; its pairs are its nearest
    neighbours and as many drawn at random. The error is measured by halves: fitted on the pairs of every second class,
    judged on those of the others, and the other way round.

    Args:
        unseen: float32 (N, dim), unit length, with class names (N,).
        others: float32 (M, dim), of other classes than any of these.
    """
    gallery = np.concatenate([unseen, others])
    names = np.concatenate([unseen_labels, np.full(len(others), "")])
    near = nearest(unseen, gallery, NEIGHBOURS + 1).indices[:, 1:]
    rng = np.random.default_rng(0)
    pairs = np.concatenate([near, rng.integers(0, len(gallery), near.shape)], axis=1)
    similarity = np.stack([gallery[columns] @ query for columns, query in zip(pairs, unseen, strict=True)]).astype(np.float64)
    same = (names[pairs] == unseen_labels[:, None]) & (pairs != np.arange(len(unseen))[:, None])
    judged, truth = [], []
    for fitted, held in _halves(unseen_labels):
        slope, intercept = fit_logistic(similarity[fitted].ravel(), same[fitted].ravel())
        judged.append(1 / (1 + np.exp(-(slope * similarity[held].ravel() + intercept))))
        truth.append(same[held].ravel())
    probability, right = np.concatenate(judged), np.concatenate(truth)
    slope, intercept = fit_logistic(similarity.ravel(), same.ravel())
    return Calibrated(slope, intercept, expected_calibration_error(probability, right), reliability(probability, right))


def _halves(labels: Names) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    even = np.isin(labels, np.unique(labels)[::2])
    yield even, ~even
    yield ~even, even
