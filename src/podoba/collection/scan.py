"""Exact neighbours by comparing with every descriptor, a block at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

BLOCK_BYTES = 16 << 20  # of descriptors, compared at a time
BLOCK_PRODUCTS = 1 << 22  # similarities held at a time: 16 MiB
ROUNDING = 4e-6  # how far a float32 product of unit vectors may lie from the exact one


class Nearest(NamedTuple):
    """The items nearest to each query, most similar first.

    Attributes:
        numbers: int64 (Q, k), `items.number`; fewer columns where fewer items were to be found.
        similarities: float32 (Q, k), cosine.
        exact: whether no nearer item can have been missed.
    """

    numbers: Numbers
    similarities: Floats
    exact: bool


def no_neighbours(queries: int) -> Nearest:
    """Of queries among no items."""
    return Nearest(np.empty((queries, 0), dtype=np.int64), np.empty((queries, 0), dtype=np.float32), True)


def scan(queries: Floats, matrix: Floats, k: int, touch: Callable[[int, int], None] | None = None) -> list[Numbers]:
    """Rows that may be among the k nearest of each query: all that are, and those within rounding of the last of them.

    Reads the matrix once for all queries that fit `BLOCK_PRODUCTS`, at the speed of the memory.

    Args:
        queries: float32 (Q, dim), unit length.
        matrix: float32 (n, dim), unit length, contiguous; may lie in a mapped file.
        touch: called with the first row and the row after the last of every block before it is read.

    Raises:
        ValueError: a similarity that no two unit vectors can have: a damaged descriptor.
    """
    rows = max(1, BLOCK_BYTES // (4 * max(1, matrix.shape[1])))
    together = max(1, BLOCK_PRODUCTS // rows)
    found: list[Numbers] = []
    for first in range(0, len(queries), together):
        some = queries[first : first + together]
        best = [_Best(k) for _ in some]
        for start in range(0, len(matrix), rows):
            block = matrix[start : start + rows]
            if touch is not None:
                touch(start, start + len(block))
            products = (block @ some[0])[None] if len(some) == 1 else some @ block.T
            for row, values in zip(best, products, strict=True):
                row.add(values, start)
        found.extend(row.rows() for row in best)
    return found


class _Best:
    """The best of one query so far."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.bound = -np.inf  # what a row needs to be among the k nearest, less the rounding
        self.values: list[Floats] = []
        self.places: list[Numbers] = []
        self.held = 0

    def add(self, values: Floats, start: int) -> None:
        top = values.max()
        if not (top < 1.01 and values.min() > -1.01):  # NaN too
            raise ValueError("a similarity beyond 1")
        if top < self.bound:
            return
        places = np.flatnonzero(values >= self.bound) if self.bound > -np.inf else np.arange(len(values))
        self._take(values[places], places + start)

    def _take(self, values: Floats, places: Numbers) -> None:
        self.values.append(values)
        self.places.append(places)
        self.held += len(values)
        if self.held >= self.k:
            together = np.concatenate(self.values)
            if self.held > self.k:
                self.bound = float(np.partition(together, self.held - self.k)[self.held - self.k]) - ROUNDING
            else:
                self.bound = float(together.min()) - ROUNDING
            kept = together >= self.bound
            self.values, self.places = [together[kept]], [np.concatenate(self.places)[kept]]
            self.held = int(kept.sum())

    def rows(self) -> Numbers:
        return np.concatenate(self.places) if self.places else np.empty(0, dtype=np.int64)


def order_exactly(query: Floats, numbers: Numbers, candidates: Floats, k: int) -> tuple[Numbers, Floats]:
    """The k nearest of a few candidates (n, dim), by similarity in double precision, ties by number.

    The result does not depend on how the candidates were found: BLAS gives one and the same row other last digits in
    another place.
    """
    similarities = np.einsum("ij,j->i", candidates.astype(np.float64), query.astype(np.float64)).astype(np.float32)
    order = np.lexsort((numbers, -similarities))[:k]
    return numbers[order], similarities[order]


def nearest_of(queries: Floats, numbers: Numbers, matrix: Floats, k: int) -> Nearest:
    """The k nearest of each query (Q, dim) among descriptors (n, dim) of items of these numbers; exact.

    Raises:
        ValueError: a damaged descriptor.
    """
    k = min(k, len(matrix))
    if not k:
        return no_neighbours(len(queries))
    found = [
        order_exactly(query, numbers[rows], matrix[rows], k)
        for query, rows in zip(queries, scan(queries, matrix, k), strict=True)
    ]
    return Nearest(np.stack([row for row, _ in found]), np.stack([row for _, row in found]), True)
