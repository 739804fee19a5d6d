"""Clusters of look-alikes: what a map shows, as a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.collection.map.settings import MapSettings

SAMPLE = 256  # descriptors for each centre, of which the centres are learned: more change next to nothing


@dataclass(frozen=True)
class Clusters:
    """Items in groups, the largest group first.

    Attributes:
        of: int64 (n,), by row: the number of the cluster an item belongs to, from 0.
        sizes: int64 (clusters,).
        representatives: rows of the items nearest to the centre of each cluster, nearest first.
    """

    of: Indices
    sizes: Indices
    representatives: list[Indices]


def find_clusters(descriptors: Floats, settings: MapSettings) -> Clusters:
    """Group descriptors (n, dim), float32, unit length, by spherical k-means (Dhillon, Modha 2001).

    It needs nothing but FAISS and takes seconds for a million. How many there are follows the number of items.
    """
    count, dim = descriptors.shape
    wanted = int(np.clip(round((count / settings.per_cluster) ** 0.5), 1, min(settings.clusters, max(count, 1))))
    centres = _centres(descriptors, wanted, settings) if count else np.empty((0, dim), dtype=np.float32)
    nearest, similarity = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.float32)
    for start in range(0, count, settings.block):
        part = slice(start, start + settings.block)
        products = descriptors[part] @ centres.T
        nearest[part] = products.argmax(axis=1)
        similarity[part] = products[np.arange(len(products)), nearest[part]]
    sizes = np.bincount(nearest, minlength=len(centres))
    by_size = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    rank = np.empty(len(centres), dtype=np.int64)
    rank[by_size] = np.arange(len(by_size))
    of = rank[nearest]
    order = np.lexsort((-similarity, of))
    starts = np.cumsum(sizes[by_size]) - sizes[by_size]
    return Clusters(
        of, sizes[by_size],
        [order[at : at + min(settings.representatives, size)] for at, size in zip(starts, sizes[by_size], strict=True)],
    )  # fmt: skip


def _centres(descriptors: Floats, wanted: int, settings: MapSettings) -> Floats:
    import faiss

    count, dim = descriptors.shape
    rows = np.arange(count)
    if count > SAMPLE * wanted:
        rows = np.sort(np.random.default_rng(settings.seed).choice(count, SAMPLE * wanted, replace=False))
    means: Any = faiss.Kmeans(
        dim, wanted, niter=settings.rounds, seed=settings.seed + 1, spherical=True, min_points_per_centroid=1,
        max_points_per_centroid=SAMPLE,
    )  # fmt: skip
    means.train(np.ascontiguousarray(descriptors[rows]))
    centres: Floats = means.centroids
    return centres


def common_label(labels: Sequence[str | None]) -> tuple[str | None, float]:
    """The label most common among items, the first in the alphabet of equals, and its share of all; None, 0 without labels."""
    counts = Counter(label for label in labels if label is not None)
    if not counts:
        return None, 0.0
    label, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return label, count / len(labels)


def purity(of: NDArray[np.int64], labels: Sequence[str]) -> float:
    """Share of items that have the label most common in their cluster."""
    codes = np.unique(labels, return_inverse=True)[1]
    table = np.zeros((int(of.max(initial=-1)) + 1, int(codes.max(initial=-1)) + 1), dtype=np.int64)
    np.add.at(table, (of, codes), 1)
    return float(table.max(axis=1, initial=0).sum()) / max(1, len(of))
