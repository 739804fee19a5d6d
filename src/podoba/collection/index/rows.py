"""Descriptors by the numbers of their items, some of them chosen, and the exact search among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from podoba.arrays import Floats, Indices, Mask
from podoba.collection.index.block_checksums import VerifiedBytes
from podoba.ranking.exact import BLOCK_BYTES, find_candidates, row_blocks

GATHERED = 6  # picking single rows out of the matrix costs about as much as reading this many in a row


class Rows(NamedTuple):
    """Descriptors and the items they belong to.

    Attributes:
        numbers: int64 (n,), `items.number`, each once.
        matrix: float32 (n, dim), unit length, contiguous; may lie in a mapped file.
        verified: the bytes of the matrix, verified before they are read; None where it is in memory.
    """

    numbers: Indices
    matrix: Floats
    verified: VerifiedBytes | None = None

    def take(self, places: Indices) -> Floats:
        """The descriptors at these places. Raises `DamagedCache` where they are not what was written."""
        if self.verified is not None:
            self.verified.verify_rows(places, 4 * self.matrix.shape[1])
        return self.matrix[places]

    def read(self, start: int, stop: int) -> None:
        """Verify the rows from `start` to `stop`. Raises `DamagedCache` as `take`."""
        if self.verified is not None:
            width = 4 * self.matrix.shape[1]
            self.verified.verify(start * width, stop * width)


@dataclass(frozen=True)
class Choice:
    """Some rows of many: by their places (count,), ascending, where they are few; else by a mask of all."""

    count: int
    places: Indices | None
    mask: Mask | None

    @classmethod
    def of(cls, mask: Mask) -> Choice:
        """The rows at which a mask is true."""
        count = int(np.count_nonzero(mask))
        few = GATHERED * count <= len(mask)
        return cls(count, np.flatnonzero(mask) if few else None, None if few else mask)


def search_exactly(queries: Floats, rows: Rows, k: int, chosen: Choice | None = None) -> list[Indices]:
    """Places of the rows that may be among the k nearest of each query, as `find_candidates`.

    Args:
        queries: float32 (Q, dim), unit length.
        chosen: only these rows; None: all.

    Raises:
        DamagedCache: bytes that are not what was written.
    """

    def blocks() -> Iterator[tuple[Indices, Floats]]:
        if chosen is None or chosen.places is None:
            return row_blocks(rows.matrix, rows.read)
        return _picked(rows, chosen.places)

    return [*find_candidates(queries, blocks, k, mask=None if chosen is None else chosen.mask)]


def _picked(rows: Rows, places: Indices) -> Iterator[tuple[Indices, Floats]]:
    step = max(1, BLOCK_BYTES // (4 * max(1, rows.matrix.shape[1])))
    for start in range(0, len(places), step):
        some = places[start : start + step]
        yield some, rows.take(some)
