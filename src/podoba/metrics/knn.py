"""The KNN score: how well a vote of the nearest neighbours names the class (Fix and Hodges, 1951; Cover and Hart, 1967)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.ranking.exact import nearest

Labels = Sequence[str] | NDArray[Any]
K = 5  # neighbours that vote, wherever a score is called the KNN score


def vote(neighbours: Indices, gallery_labels: Labels) -> NDArray[Any]:
    """The most frequent class among the neighbours of each query; ties go to the class that sorts first, as in scikit-learn.

    Args:
        neighbours: int64 (Q, k), rows of the gallery; -1 is none, and does not vote.
        gallery_labels: (G,), class names or numbers.

    Returns:
        (Q,), of the type of the labels.
    """
    classes, class_numbers = np.unique(np.asarray(gallery_labels), return_inverse=True)
    votes = np.zeros((len(neighbours), len(classes)), dtype=np.int32)
    rows = np.arange(len(neighbours))
    for column in neighbours.T:
        found = column >= 0
        votes[rows[found], class_numbers[column[found]]] += 1
    winners: NDArray[Any] = classes[votes.argmax(axis=1)]
    return winners


def knn_predict(gallery: Floats, gallery_labels: Labels, queries: Floats, k: int = K) -> NDArray[Any]:
    """The class of each query (Q,) by the uniform vote of its k nearest gallery images, Euclidean; arguments as `knn_score`."""
    return vote(nearest(queries, gallery, min(k, len(gallery))).indices, gallery_labels)


def knn_score(gallery: Floats, gallery_labels: Labels, queries: Floats, query_labels: Labels, k: int = K) -> float:
    """Share of the queries whose class the vote names: `sklearn.neighbors.KNeighborsClassifier(k).score` to the last digit.

    Args:
        gallery: float32 (G, D), unit length, with labels (G,).
        queries: float32 (Q, D), unit length, with labels (Q,).
        k: neighbours that vote; where the gallery is smaller, all of it does.
    """
    return float(np.mean(knn_predict(gallery, gallery_labels, queries, k) == np.asarray(query_labels)))
