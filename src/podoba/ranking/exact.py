"""Exact nearest neighbours in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Indices, similarity_blocks

ROUNDING = 4e-6  # how far a float32 product of unit vectors may lie from the exact one


@dataclass(frozen=True)
class Neighbours:
    """The nearest gallery images of each query, nearest first.

    Attributes:
        indices: int64 (Q, k), rows of the gallery.
        similarities: float32 (Q, k), cosine.
    """

    indices: Indices
    similarities: Floats


def nearest(queries: Floats, gallery: Floats, k: int, *, leave_one_out: bool = False) -> Neighbours:
    """The k nearest by Euclidean distance, computed in double precision; ties go to the lower row.

    Candidates come from a float32 product and are then ordered exactly, so that the result is that of a float64 search.

    Args:
        queries: float32 (Q, D), unit length.
        gallery: float32 (G, D), unit length; the queries themselves under `leave_one_out`.
        leave_one_out: a query never finds its own row.

    Raises:
        ValueError: fewer than k images to find.
    """
    available = len(gallery) - (1 if leave_one_out else 0)
    if not 1 <= k <= available:
        raise ValueError(f"k = {k}, but a query can find {available} images")
    indices = np.empty((len(queries), k), dtype=np.int64)
    similarities = np.empty((len(queries), k), dtype=np.float32)
    norms = np.einsum("ij,ij->i", gallery, gallery, dtype=np.float64)
    for rows, block in similarity_blocks(queries, gallery, leave_one_out=leave_one_out):
        for row, values in zip(rows, block, strict=True):
            bound = np.partition(values, len(values) - k)[len(values) - k] - ROUNDING
            found = np.flatnonzero(values >= bound)  # the k nearest are among them for certain, whatever the rounding
            # Not by BLAS, whose result for one and the same row depends on where the row lies.
            products = np.einsum("ij,j->i", gallery[found].astype(np.float64), queries[row].astype(np.float64))
            order = np.lexsort((found, norms[found] - 2.0 * products))[:k]
            indices[row] = found[order]
            similarities[row] = products[order]
    return Neighbours(indices, similarities)
