"""Re-ranking: better orders of the nearest images. Pure functions of descriptors, none of which opens an image again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices

Scores = NDArray[np.float64]


def expand_query(query: Floats, neighbours: Floats, alpha: float = 3.0) -> Floats:
    """Alpha query expansion (Radenović, Tolias, Chum 2018): the query and its neighbours d, each by its similarity ** alpha.

    q' = q + sum of max(q . d, 0) ** alpha * d, brought to unit length.

    Args:
        query: float32 (D,), unit length.
        neighbours: float32 (n, D), unit length; the nearest of the query.
        alpha: the larger, the less a distant neighbour counts; 0: all count alike (average query expansion, Chum et al. 2007).

    Returns:
        float32 (D,), unit length.
    """
    weights = np.maximum(neighbours.astype(np.float64) @ query, 0) ** alpha
    return _unit(query.astype(np.float64) + weights @ neighbours)


def augment_database(descriptors: Floats, neighbours: Indices, gallery: Floats, alpha: float = 3.0) -> Floats:
    """Database-side augmentation (Turcot, Lowe 2009; weights as Gordo et al. 2020): alpha query expansion of every descriptor.

    Args:
        descriptors: float32 (n, D), unit length.
        neighbours: int64 (n, k), rows of the gallery nearest to each.
        gallery: float32 (G, D), unit length.
        alpha: as `expand_query`.

    Returns:
        float32 (n, D), unit length.
    """
    near = gallery[neighbours].astype(np.float64)
    weights = np.maximum(np.einsum("nd,nkd->nk", descriptors.astype(np.float64), near), 0) ** alpha
    return _unit(descriptors + np.einsum("nk,nkd->nd", weights, near))


@dataclass(frozen=True)
class Whitening:
    """A change of coordinates in which every direction of the gallery varies alike.

    Attributes:
        mean: float64 (D,).
        projection: float64 (D, d).
    """

    mean: Scores
    projection: Scores

    def apply(self, descriptors: Floats) -> Floats:
        """Descriptors (..., D) as float32 (..., d), unit length."""
        return _unit((descriptors.astype(np.float64) - self.mean) @ self.projection)


def fit_whitening(descriptors: Floats, dim: int | None = None, power: float = 1.0) -> Whitening:
    """PCA-whitening (Jégou, Chum 2012): centred, rotated to the principal directions, each divided by its deviation ** power.

    Args:
        descriptors: float32 (n, D), n >= 2.
        dim: directions kept, those of largest variance first; None: all in which the descriptors vary.
        power: 1 whitens fully; less keeps some of the differences, 0 only centres and rotates.

    Raises:
        ValueError: fewer than two descriptors.
    """
    if len(descriptors) < 2:
        raise ValueError("whitening needs two descriptors or more")
    mean = descriptors.mean(axis=0, dtype=np.float64)
    centred = descriptors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(descriptors))
    variances, directions = variances[::-1], directions[:, ::-1]
    kept = int((variances > 1e-9 * max(float(variances[0]), 1e-30)).sum()) if dim is None else dim
    return Whitening(mean, directions[:, :kept] * np.maximum(variances[:kept], 1e-12) ** (-power / 2))


def k_reciprocal_distances(query: Floats, candidates: Floats, k1: int = 20, k2: int = 6, share: float = 0.3) -> Scores:
    """Distances from a query to its candidates by k-reciprocal encoding (Zhong, Zheng, Cao, Li 2017).

    Two images are alike where they stand among each other's nearest, and their sets of such neighbours overlap: the Jaccard
    distance of those sets, weighted by exp(-distance), joined with the original distance. Neighbours are those among the query
    and its candidates alone.

    Args:
        query: float32 (D,), unit length.
        candidates: float32 (n, D), unit length.
        k1, k2: neighbours of the sets, and of the local query expansion.
        share: of the original (squared Euclidean, scaled to the largest) distance.

    Returns:
        float64 (n,), smaller is better.
    """
    everything = np.concatenate([query[None], candidates]).astype(np.float64)
    distances = np.maximum(2 - 2 * everything @ everything.T, 0)
    distances /= np.maximum(distances.max(axis=1, keepdims=True), 1e-12)
    ranks = np.argsort(distances, axis=1, kind="stable")
    encoded = _reciprocal_encoding(distances, ranks, k1)
    if k2 > 1:
        encoded = encoded[ranks[:, :k2]].mean(axis=1)
    smaller = np.minimum(encoded[0], encoded).sum(axis=1)
    jaccard = 1 - smaller / np.maximum(2 - smaller, 1e-12)
    result: Scores = (1 - share) * jaccard[1:] + share * distances[0, 1:]
    return result


def _reciprocal_encoding(distances: Scores, ranks: Indices, k1: int) -> Scores:
    """(n, n): row i has exp(-distance) at the k-reciprocal neighbours of i, expanded by theirs, and sums to one."""
    n = len(distances)
    near, half = _reciprocal(ranks, k1), _reciprocal(ranks, max(1, round(k1 / 2)))
    encoded = np.zeros((n, n))
    sizes = half.sum(axis=1)
    for i in range(n):
        own = near[i]
        members = np.flatnonzero(own)
        shared = (half[members] & own).sum(axis=1)
        joined = members[shared > 2 / 3 * sizes[members]]
        wider = own | half[joined].any(axis=0)
        weights = np.exp(-distances[i, wider])
        encoded[i, wider] = weights / weights.sum()
    return encoded


def _reciprocal(ranks: Indices, k: int) -> NDArray[np.bool_]:
    """(n, n): whether two are among each other's k nearest; each counts itself beside them."""
    near = np.zeros((len(ranks), len(ranks)), dtype=np.bool_)
    np.put_along_axis(near, ranks[:, : k + 1], True, axis=1)
    return near & near.T


def _unit(values: Scores) -> Floats:
    lengths = np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-12)
    return np.asarray(values / lengths, dtype=np.float32)
