"""Exact neighbours by comparing with every descriptor, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Mask
from podoba.collection.index.blocks import Sealed

Numbers = NDArray[np.int64]

BLOCK_BYTES = 16 << 20  # of descriptors, compared at a time
BLOCK_PRODUCTS = 1 << 22  # similarities held at a time: 16 MiB
ROUNDING = 4e-6  # how far a float32 product of unit vectors may lie from the exact one
GATHERED = 6  # picking single rows out of the matrix costs about as much as reading this many in a row


class Nearest(NamedTuple):
    """The items nearest to each query, most similar first.

    Attributes:
        numbers: int64 (Q, k), `items.number`; fewer columns where fewer items were to be found.
        similarities: float32 (Q, k), cosine.
        exact: whether no nearer item can have been missed.
        descriptors: float32 (Q, k, dim), unit length, of these items; None where the search was not asked to carry them.
    """

    numbers: Numbers
    similarities: Floats
    exact: bool
    descriptors: Floats | None = None


class Rows(NamedTuple):
    """Descriptors and the items they belong to.

    Attributes:
        numbers: int64 (n,), `items.number`, each once.
        matrix: float32 (n, dim), unit length, contiguous; may lie in a mapped file.
        seal: looks through the matrix before it is read; None where it is in memory.
    """

    numbers: Numbers
    matrix: Floats
    seal: Sealed | None = None

    def take(self, rows: Numbers) -> Floats:
        """The descriptors at these places. Raises `ValueError` where they are damaged."""
        if self.seal is not None:
            self.seal.touch_rows(rows, 4 * self.matrix.shape[1])
        return self.matrix[rows]


@dataclass(frozen=True)
class Choice:
    """Some rows of many: by their places (count,), ascending, where they are few; else by a mask of all."""

    count: int
    places: Numbers | None
    mask: Mask | None

    @classmethod
    def of(cls, mask: Mask) -> Choice:
        """The rows at which a mask is true."""
        count = int(np.count_nonzero(mask))
        few = GATHERED * count <= len(mask)
        return cls(count, np.flatnonzero(mask) if few else None, None if few else mask)


def scan(queries: Floats, gallery: Rows, k: int, chosen: Choice | None = None) -> list[Numbers]:
    """Places of the rows that may be among the k nearest of each query: all that are, and those within rounding of the last.

    The matrix is read once for all queries that fit `BLOCK_PRODUCTS`, at the speed of the memory.

    Args:
        queries: float32 (Q, dim), unit length.
        chosen: only these rows; None: all.

    Raises:
        ValueError: damaged bytes, or a similarity that no two unit vectors can have.
    """
    rows = max(1, BLOCK_BYTES // (4 * max(1, gallery.matrix.shape[1])))
    together = max(1, BLOCK_PRODUCTS // rows)
    mask = None if chosen is None else chosen.mask
    found: list[Numbers] = []
    for first in range(0, len(queries), together):
        some = queries[first : first + together]
        best = [_Best(k) for _ in some]
        for places, block in _blocks(gallery, rows, None if chosen is None else chosen.places):
            products = (block @ some[0])[None] if len(some) == 1 else some @ block.T
            if not (products.max() < 1.01 and products.min() > -1.01):  # NaN too
                raise ValueError("a similarity beyond 1")
            if mask is not None:
                products[:, ~mask[places]] = -np.inf
            for row, values in zip(best, products, strict=True):
                row.add(values, places)
        found.extend(row.rows() for row in best)
    return found


def order_exactly(query: Floats, numbers: Numbers, candidates: Floats, k: int) -> tuple[Numbers, Floats, Numbers]:
    """The k nearest of a few candidates (n, dim), by similarity in double precision, ties by number.

    Returns:
        their numbers, their similarities and their rows among the candidates, (k,) each.

    The result does not depend on how the candidates were found: BLAS gives one and the same row other last digits in
    another place.
    """
    similarities = np.einsum("ij,j->i", candidates.astype(np.float64), query.astype(np.float64)).astype(np.float32)
    order = np.lexsort((numbers, -similarities))[:k]
    return numbers[order], similarities[order], order


def _blocks(gallery: Rows, rows: int, chosen: Numbers | None) -> Iterator[tuple[Numbers, Floats]]:
    if chosen is not None:
        for start in range(0, len(chosen), rows):
            places = chosen[start : start + rows]
            yield places, gallery.take(places)
        return
    width = 4 * gallery.matrix.shape[1]
    for start in range(0, len(gallery.matrix), rows):
        stop = min(start + rows, len(gallery.matrix))
        if gallery.seal is not None:
            gallery.seal.touch(start * width, stop * width)
        yield np.arange(start, stop), gallery.matrix[start:stop]


class _Best:
    """The best of one query so far."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.bound = -np.inf  # what a row needs to be among the k nearest, less the rounding
        self.values: list[Floats] = []
        self.places: list[Numbers] = []
        self.held = 0

    def add(self, values: Floats, places: Numbers) -> None:
        if not self.held and len(values) > self.k:  # of the first block, which has nothing to be compared with
            self.bound = float(np.partition(values, len(values) - self.k)[len(values) - self.k]) - ROUNDING
        over = np.flatnonzero(values > self.bound)
        if not len(over):
            return
        self.values.append(values[over])
        self.places.append(places[over])
        self.held += len(over)
        if self.held > self.k:
            together = np.concatenate(self.values)
            self.bound = float(np.partition(together, self.held - self.k)[self.held - self.k]) - ROUNDING
            kept = together >= self.bound
            self.values, self.places = [together[kept]], [np.concatenate(self.places)[kept]]
            self.held = int(kept.sum())

    def rows(self) -> Numbers:
        return np.concatenate(self.places) if self.places else np.empty(0, dtype=np.int64)
