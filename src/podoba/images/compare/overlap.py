"""Test images that were seen in training: near-duplicates by a hash of their pixels and by the pixels themselves.

Scores on such images are remembered, not found. Barz and Denzler, "Do we train on test data?" (2020), found 3.3% of the test
images of CIFAR-10 to be near-duplicates of training images.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices, similarity_blocks

SIDE = 16  # of the thumbnails that are compared
BITS = 64


def difference_hash(thumbnails: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """64 bits an image, bool (N, 64): whether each of 8x8 places is darker than its right neighbour.

    The difference hash (dHash) of Krawetz (2013) on 9x8 grey means; changes of size, brightness and contrast leave it alone.

    Args:
        thumbnails: uint8 (N, 16, 16, 3).
    """
    grey = thumbnails.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    rows = grey.reshape(len(grey), 8, SIDE // 8, SIDE).mean(axis=2)
    # Nine columns out of sixteen: means over overlapping windows of two, so that every place is looked at.
    starts = np.round(np.linspace(0, SIDE - 2, 9)).astype(int)
    columns = (rows[:, :, starts] + rows[:, :, starts + 1]) / 2
    bits: NDArray[np.bool_] = (columns[:, :, 1:] > columns[:, :, :-1]).reshape(len(grey), BITS)
    return bits


def close_hashes(queries: NDArray[np.bool_], gallery: NDArray[np.bool_], most: int) -> Indices:
    """Pairs (row of the queries, row of the gallery), int64 (P, 2), whose hashes differ in at most that many bits.

    Args:
        queries, gallery: bool (Q, 64) and (G, 64).
    """
    # The product of signs is 64 minus twice the bits that differ; whole numbers this small are exact in float32.
    signs = [np.where(bits, np.float32(1), np.float32(-1)) for bits in (queries, gallery)]
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for rows, block in similarity_blocks(signs[0], signs[1]):
        found = np.argwhere(block >= BITS - 2 * most)
        pairs.append(found + np.array([rows.start, 0]))
    return np.concatenate(pairs)


def pixel_correlations(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Pearson's correlation of the pixels of each pair of thumbnails, float64 (P,), from -1 to 1; 0 where one has no contrast.

    Each colour is taken less its mean, so that a copy that was made lighter, paler or tinted is still a copy, and two smooth
    skies, which differ by little but share nothing, are not.

    Args:
        first, second: uint8 (P, 16, 16, 3).
    """
    x, y = (pixels - pixels.mean(axis=(1, 2), keepdims=True) for pixels in (first.astype(np.float64), second.astype(np.float64)))
    products = np.einsum("pijc,pijc->p", x, y)
    lengths = np.sqrt(np.einsum("pijc,pijc->p", x, x) * np.einsum("pijc,pijc->p", y, y))
    correlations: NDArray[np.float64] = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return correlations
