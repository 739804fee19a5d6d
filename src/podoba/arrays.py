"""Kinds of arrays that all rooms speak of, and products of descriptors in bounded memory."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

BLOCK_NUMBERS = 1 << 24  # similarities in memory at a time: 64 MiB


def similarity_blocks(
    queries: Floats, gallery: Floats, *, leave_one_out: bool = False, numbers_at_once: int = BLOCK_NUMBERS
) -> Iterator[tuple[range, Floats]]:
    """Blocks (rows of the queries, similarities float32 (rows, G)).

    Args:
        queries, gallery: float32 (Q, D) and (G, D).
        leave_one_out: the similarity of a row to itself is -inf.
        numbers_at_once: similarities in memory; a block is one query at least.
    """
    step = max(1, numbers_at_once // max(1, len(gallery)))
    for start in range(0, len(queries), step):
        rows = range(start, min(start + step, len(queries)))
        block = queries[rows.start : rows.stop] @ gallery.T
        if leave_one_out:
            block[np.arange(len(rows)), np.arange(rows.start, rows.stop)] = -np.inf
        yield rows, block
