"""Which classes are taken for which: the retrieval confusion matrix."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.metrics.knn import Labels

Matrix = NDArray[np.float64]


class Confused(TypedDict):
    """A pair of classes, and the share of what a query of the first retrieves that is of the second."""

    query: str
    retrieved: str
    share: float


def retrieval_confusion(neighbours: Indices, query_labels: Labels, gallery_labels: Labels, classes: Sequence[str]) -> Matrix:
    """The retrieval confusion matrix: row = class of the query, column = class of the retrieved images, normalised by row.

    The confusion matrix of a classifier (Pearson, 1904) with each of the k retrieved images counted as one prediction.

    Args:
        neighbours: int64 (Q, k), rows of the gallery; -1 is none, and does not count.
        query_labels, gallery_labels: (Q,) and (G,), names among `classes`.
        classes: names in the order of rows and columns.

    Returns:
        float64 (C, C); a class without a query has a row of zeros.
    """
    numbers = {name: i for i, name in enumerate(classes)}
    rows = np.array([numbers[str(label)] for label in query_labels], dtype=np.int64)
    columns = np.array([numbers[str(label)] for label in gallery_labels], dtype=np.int64)
    counts = np.zeros((len(classes), len(classes)), dtype=np.float64)
    queries, places = np.nonzero(neighbours >= 0)
    np.add.at(counts, (rows[queries], columns[neighbours[queries, places]]), 1.0)
    totals = counts.sum(axis=1, keepdims=True)
    shares: Matrix = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return shares


def most_confused(matrix: Matrix, classes: Sequence[str], n: int = 5) -> list[Confused]:
    """The n largest entries of a matrix (C, C) off its diagonal, largest first, zeros left out."""
    errors = matrix.copy()
    np.fill_diagonal(errors, 0.0)
    largest = np.argsort(-errors, axis=None, kind="stable")[:n]
    pairs = [divmod(int(place), errors.shape[1]) for place in largest]
    return [
        Confused(query=classes[row], retrieved=classes[column], share=float(errors[row, column]))
        for row, column in pairs
        if errors[row, column] > 0
    ]


def most_confused_classes(matrix: Matrix, most: int) -> list[int]:
    """Rows of a matrix (C, C): all of them, or of more than `most` those of the classes most confused with another, ascending."""
    if len(matrix) <= most:
        return list(range(len(matrix)))
    errors = matrix.copy()
    np.fill_diagonal(errors, 0.0)
    worst = np.argsort(-np.maximum(errors.max(axis=0), errors.max(axis=1)), kind="stable")[:most]
    return sorted(int(i) for i in worst)


def in_words(confused: Sequence[Confused]) -> list[str]:
    """Each pair as a sentence."""
    return [f"a query of {c['query']} retrieves {c['retrieved']} in {c['share']:.1%} of the cases" for c in confused]
