"""Which classes are taken for which."""

from __future__ import annotations

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
    """Row = class of the query, column = class of the retrieved images, normalised by row: float64 (C, C).

    Args:
        neighbours: int64 (Q, k), rows of the gallery.
        classes: names in the order of rows and columns; a class without a query has a row of zeros.
    """
    number = {name: i for i, name in enumerate(classes)}
    rows = np.array([number[str(label)] for label in query_labels], dtype=np.int64)
    columns = np.array([number[str(label)] for label in gallery_labels], dtype=np.int64)[neighbours]
    return _normalised(np.repeat(rows, neighbours.shape[1]), columns.ravel(), len(classes))


def classification_confusion(labels: Labels, predicted: Labels, classes: Sequence[str]) -> Matrix:
    """Row = true class, column = predicted class, normalised by row: float64 (C, C)."""
    number = {name: i for i, name in enumerate(classes)}
    return _normalised(
        np.array([number[str(label)] for label in labels], dtype=np.int64),
        np.array([number[str(label)] for label in predicted], dtype=np.int64),
        len(classes),
    )


def most_confused(matrix: Matrix, classes: Sequence[str], n: int = 5) -> list[Confused]:
    """The n largest entries off the diagonal, largest first, zeros left out."""
    off = matrix.copy()
    np.fill_diagonal(off, 0.0)
    order = np.argsort(-off, axis=None, kind="stable")[:n]
    pairs = [divmod(int(place), off.shape[1]) for place in order]
    return [
        Confused(query=classes[row], retrieved=classes[column], share=float(off[row, column]))
        for row, column in pairs
        if off[row, column] > 0
    ]


def in_words(confused: Sequence[Confused]) -> list[str]:
    """Each pair as a sentence."""
    return [f"a query of {c['query']} retrieves {c['retrieved']} in {c['share']:.1%} of the cases" for c in confused]


def _normalised(rows: Indices, columns: Indices, classes: int) -> Matrix:
    counts = np.zeros((classes, classes), dtype=np.float64)
    np.add.at(counts, (rows, columns), 1.0)
    totals = counts.sum(axis=1, keepdims=True)
    shares: Matrix = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return shares
