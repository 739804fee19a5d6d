"""The KNN score: how well a vote of the nearest neighbours names the class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.ranking.exact import nearest

Labels = Sequence[str] | NDArray[Any]


def vote(neighbours: Indices, gallery_labels: Labels) -> NDArray[Any]:
    """The most frequent class among the neighbours (Q, k) of each query; ties go to the class that sorts first."""
    classes, numbers = np.unique(np.asarray(gallery_labels), return_inverse=True)
    votes = np.zeros((len(neighbours), len(classes)), dtype=np.int32)
    rows = np.arange(len(neighbours))
    for column in numbers[neighbours].T:
        votes[rows, column] += 1
    winners: NDArray[Any] = classes[votes.argmax(axis=1)]
    return winners


def knn_predict(gallery: Floats, gallery_labels: Labels, queries: Floats, k: int = 5) -> NDArray[Any]:
    """The class of each query (Q,) by the vote of its k nearest gallery images, uniform, Euclidean."""
    return vote(nearest(queries, gallery, min(k, len(gallery))).indices, gallery_labels)


def knn_score(gallery: Floats, gallery_labels: Labels, queries: Floats, query_labels: Labels, k: int = 5) -> float:
    """Share of the queries whose class the vote names: `sklearn.neighbors.KNeighborsClassifier(k).score` to the last digit.

    Args:
        gallery: float32 (G, D), unit length, with labels (G,).
        queries: float32 (Q, D), unit length, with labels (Q,).
    """
    return float(np.mean(knn_predict(gallery, gallery_labels, queries, k) == np.asarray(query_labels)))
