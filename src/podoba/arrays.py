"""Kinds of arrays that all rooms speak of, and products of descriptors in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

BLOCK_NUMBERS = 1 << 24  # similarities held at a time: 64 MiB


def similarity_blocks(queries: Floats, gallery: Floats, *, leave_one_out: bool = False) -> Iterator[tuple[range, Floats]]:
    """Blocks (rows of the queries, similarities float32 (rows, G)) that fit `BLOCK_NUMBERS`; own rows are -inf if left out."""
    step = max(1, BLOCK_NUMBERS // max(1, len(gallery)))
    for start in range(0, len(queries), step):
        rows = range(start, min(start + step, len(queries)))
        block = queries[rows.start : rows.stop] @ gallery.T
        if leave_one_out:
            block[np.arange(len(rows)), np.arange(rows.start, rows.stop)] = -np.inf
        yield rows, block
