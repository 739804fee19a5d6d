"""Placing items on a map that was made of others: where their nearest neighbours on it lie."""

import numpy as np

from podoba.arrays import Floats, Indices


def placed_among(rows: Indices, points: Floats) -> Floats:
    """Points (Q, 2), float32: of each item the medians, across and down, of its neighbours' points.

    The mean would put an item whose neighbours lie in two groups into the empty space between them; the median of an odd number
    of neighbours goes with the larger group.

    Args:
        rows: int64 (Q, k), of neighbours among `points`, nearest first; -1 where there is none, but never in the first place.
        points: (n, 2), where the neighbours lie.
    """
    found = points[rows].astype(np.float32)
    found[rows < 0] = np.nan
    result: Floats = np.nanmedian(found, axis=1).astype(np.float32)
    return result
