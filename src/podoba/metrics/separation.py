"""How far apart the classes lie: distances within and between them, silhouette, alignment and uniformity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices


@dataclass(frozen=True)
class Separation:
    """Distances are Euclidean on unit descriptors, from 0 to 2. What there are no pairs for is None.

    Attributes:
        within: mean distance of two different images of one class.
        between: mean distance of two images of different classes.
        ratio: within / between: smaller is better apart.
        silhouette: mean over the images of (b - a) / max(a, b), a = mean distance to the own class, b = to the nearest other
            class (Rousseeuw, 1987); an image alone in its class counts 0; from -1 to 1.
        alignment: mean squared distance of two images of one class: smaller is closer (Wang and Isola, 2020, alpha = 2).
        uniformity: log of the mean of exp(-2 d^2) over all pairs: smaller is spread more evenly (the same paper, t = 2).
    """

    within: float | None
    between: float | None
    ratio: float | None
    silhouette: float | None
    alignment: float | None
    uniformity: float | None


def separation(descriptors: Floats, labels: Indices, rows_at_once: int = 512) -> Separation:
    """Measure the distances of all pairs, in bounded memory.

    Args:
        descriptors: float32 (N, D), unit length.
        labels: int64 (N,), class of each; negative: unlabelled, left out.
        rows_at_once: of the distance matrix (rows, N) kept in memory.
    """
    labelled = labels >= 0
    x = descriptors[labelled].astype(np.float64)
    _, y = np.unique(labels[labelled], return_inverse=True)
    n = len(x)
    if n < 2:
        return Separation(None, None, None, None, None, None)
    counts = np.bincount(y).astype(np.float64)
    member = np.eye(len(counts))[y]
    to_class = np.empty((n, len(counts)))  # sum of the distances of an image to those of each class
    squared = spread = 0.0
    for start in range(0, n, rows_at_once):
        rows = slice(start, min(start + rows_at_once, n))
        squares = np.maximum(2.0 - 2.0 * (x[rows] @ x.T), 0.0)
        squares[np.arange(rows.stop - start), np.arange(start, rows.stop)] = 0.0
        to_class[rows] = np.sqrt(squares) @ member
        squared += float(squares[y[rows, None] == y].sum())
        spread += float(np.exp(-2.0 * squares).sum())
    own = to_class[np.arange(n), y]
    pairs_within = float((counts * (counts - 1)).sum())
    pairs_between = float(n * n - (counts**2).sum())
    within = float(own.sum()) / pairs_within if pairs_within else None
    between = float(to_class.sum() - own.sum()) / pairs_between if pairs_between else None
    return Separation(
        within=within,
        between=between,
        ratio=within / between if within is not None and between else None,
        silhouette=_silhouette(to_class, own, y, counts) if pairs_between else None,
        alignment=squared / pairs_within if pairs_within else None,
        uniformity=float(np.log((spread - n) / (n * (n - 1)))),
    )


def _silhouette(to_class: NDArray[np.float64], own: NDArray[np.float64], y: Indices, counts: NDArray[np.float64]) -> float:
    """The mean silhouette of sums of distances to each class (N, C) and to the own one (N,), classes y (N,), their sizes (C,)."""
    others = to_class / counts
    others[np.arange(len(y)), y] = np.inf
    nearest = others.min(axis=1)
    mates = counts[y] - 1
    mean_own = own / np.maximum(mates, 1)
    larger = np.maximum(mean_own, nearest)
    values = np.divide(nearest - mean_own, larger, out=np.zeros_like(larger), where=(larger > 0) & (mates > 0))
    return float(values.mean())
