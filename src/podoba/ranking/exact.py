"""Exact nearest neighbours in bounded memory: a float32 product with all rows, then double precision for the few nearest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Images, Indices, Mask

BLOCK_BYTES = 16 << 20  # of rows, compared at a time
PRODUCTS = 1 << 22  # similarities in memory at a time: 16 MiB
ROUNDING = 4e-6  # how far a float32 product of unit vectors may lie from the exact one
LOWEST = float(np.finfo(np.float32).min)  # rows that are left out have -inf

Blocks = Callable[[], Iterator[tuple[Indices, Floats]]]
"""All rows to be compared, each time it is called: parts (places int64 (n,), ascending, and rows float32 (n, dim))."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest gallery images of each query, nearest first.

    Attributes:
        indices: int64 (Q, k), rows of the gallery; -1 beyond the last that a query can find.
        similarities: float32 (Q, k), cosine; -1 there.
    """

    indices: Indices
    similarities: Floats


def nearest(queries: Floats, gallery: Floats, k: int, *, images: Images | None = None) -> Neighbours:
    """The k nearest by Euclidean distance, computed in double precision; ties go to the lower row.

    Candidates come from a float32 product and are then ordered exactly, so that the result is that of a float64 search.

    Args:
        queries: float32 (Q, D), unit length.
        gallery: float32 (G, D), unit length.
        images: a query never finds rows of its own image; None: it finds all.

    Raises:
        ValueError: fewer than k rows.
    """
    if not 1 <= k <= len(gallery):
        raise ValueError(f"k = {k}, but a query can find {len(gallery)} images")
    indices = np.full((len(queries), k), -1, dtype=np.int64)
    similarities = np.full((len(queries), k), -1, dtype=np.float32)
    norms = np.einsum("ij,ij->i", gallery, gallery, dtype=np.float64)
    for row, places in enumerate(find_candidates(queries, lambda: row_blocks(gallery), k, images=images)):
        products = _products(queries[row], gallery[places])
        order = np.lexsort((places, norms[places] - 2.0 * products))[:k]
        indices[row, : len(order)] = places[order]
        similarities[row, : len(order)] = products[order]
    return Neighbours(indices, similarities)


def find_candidates(
    queries: Floats, blocks: Blocks, k: int, *, mask: Mask | None = None, images: Images | None = None, products: int = PRODUCTS
) -> Iterator[Indices]:
    """Places of the rows that may be among the k nearest of each query: all that are, and those within rounding of the last.

    The rows are read once for all queries whose products fit into memory together, at its speed.

    Args:
        queries: float32 (Q, dim), unit length.
        mask: bool, by place: only these rows; None: all.
        images: of each query and, by place, of each row: a query does not find its own; None: it finds all.
        products: similarities in memory at a time.
    """
    first = 0
    while first < len(queries):
        together = None
        best: list[_Best] = []
        for places, rows in blocks():
            if together is None:
                together = queries[first : first + max(1, products // max(1, len(rows)))]
                best = [_Best(k) for _ in together]
            found = (rows @ together[0])[None] if len(together) == 1 else together @ rows.T
            if mask is not None:
                found[:, ~mask[places]] = -np.inf
            if images is not None:
                found[images[0][first : first + len(together), None] == images[1][places]] = -np.inf
            for one, values in zip(best, found, strict=True):
                one.add(values, places)
        if together is None:  # no rows at all
            yield from [np.empty(0, dtype=np.int64)] * (len(queries) - first)
            return
        yield from (one.places() for one in best)
        first += len(together)


def row_blocks(
    matrix: Floats, read: Callable[[int, int], None] | None = None, block_bytes: int = BLOCK_BYTES
) -> Iterator[tuple[Indices, Floats]]:
    """The rows of a matrix (n, dim) in blocks of so many bytes, with their places.

    Args:
        read: called with the first row of a block and the row after its last, before it is read.
    """
    step = max(1, block_bytes // (4 * max(1, matrix.shape[1])))
    for start in range(0, len(matrix), step):
        stop = min(start + step, len(matrix))
        if read is not None:
            read(start, stop)
        yield np.arange(start, stop), matrix[start:stop]


def order_exactly(query: Floats, numbers: Indices, candidates: Floats, k: int) -> tuple[Indices, Floats, Indices]:
    """The k nearest of a few candidates (n, dim), by similarity in double precision, ties by number.

    Returns:
        their numbers, int64, similarities, float32, and rows among the candidates, int64, most similar first.
    """
    similarities = _products(query, candidates).astype(np.float32)
    order = np.lexsort((numbers, -similarities))[:k]
    return numbers[order], similarities[order], order


def _products(query: Floats, rows: Floats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """In double precision, and not by BLAS, whose result for one and the same row depends on where the row lies."""
    products: np.ndarray[tuple[int], np.dtype[np.float64]] = np.einsum(
        "ij,j->i", rows.astype(np.float64), query.astype(np.float64)
    )
    return products


class _Best:
    """The best rows of one query so far."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._bound = LOWEST  # what a row needs to be among the k nearest, less the rounding
        self._values: list[Floats] = []
        self._places: list[Indices] = []
        self._count = 0

    def add(self, values: Floats, places: Indices) -> None:
        if not self._count and len(values) > self._k:
            self._bound = self._kth(values)
        over = np.flatnonzero(values >= self._bound)
        if not len(over):
            return
        self._values.append(values[over])
        self._places.append(places[over])
        self._count += len(over)
        if len(self._values) > 1 and self._count > self._k:
            together = np.concatenate(self._values)
            self._bound = self._kth(together)
            kept = together >= self._bound
            self._values, self._places = [together[kept]], [np.concatenate(self._places)[kept]]
            self._count = int(kept.sum())

    def _kth(self, values: Floats) -> float:
        """The k-th largest of more than k values, less the rounding."""
        place = len(values) - self._k
        return max(float(np.partition(values, place)[place]) - ROUNDING, LOWEST)

    def places(self) -> Indices:
        return np.concatenate(self._places) if self._places else np.empty(0, dtype=np.int64)
