"""Kinds of arrays that all rooms speak of, and products of descriptors in bounded memory."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Images = tuple[Indices, Indices]
"""Which image each query (Q,) and each gallery row (G,) shows, as numbers from 0: a query never finds its own image."""

BLOCK_NUMBERS = 1 << 24  # similarities in memory at a time: 64 MiB


def similarity_blocks(
    queries: Floats, gallery: Floats, *, images: Images | None = None, numbers_at_once: int = BLOCK_NUMBERS
) -> Iterator[tuple[range, Floats]]:
    """Blocks (rows of the queries, similarities float32 (rows, G)).

    Args:
        queries, gallery: float32 (Q, D) and (G, D).
        images: the similarity of a query to rows of its own image is -inf.
        numbers_at_once: similarities in memory; a block is one query at least.
    """
    step = max(1, numbers_at_once // max(1, len(gallery)))
    for start in range(0, len(queries), step):
        rows = range(start, min(start + step, len(queries)))
        block = queries[rows.start : rows.stop] @ gallery.T
        if images is not None:
            block[images[0][rows.start : rows.stop, None] == images[1]] = -np.inf
        yield rows, block
