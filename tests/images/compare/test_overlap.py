from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.images.compare.overlap import BITS, close_hashes, difference_hash, pixel_correlations


def thumbnails(n: int, seed: int = 0) -> np.ndarray:
    """Smooth pictures, as photographs are."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(30, 200, (n, 4, 4, 3))
    return coarse.repeat(4, axis=1).repeat(4, axis=2).astype(np.uint8)


def slow_hash(picture: np.ndarray) -> list[bool]:
    grey = [[0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] for p in row] for row in picture.astype(float)]
    starts = [round(14 * i / 8) for i in range(9)]
    bits = []
    for y in range(8):
        line = [(grey[2 * y][x] + grey[2 * y + 1][x]) / 2 for x in range(16)]
        values = [(line[s] + line[s + 1]) / 2 for s in starts]
        bits += [values[i + 1] > values[i] for i in range(8)]
    return bits


def test_hash_follows_the_formula() -> None:
    pictures = np.random.default_rng(1).integers(0, 256, (20, 16, 16, 3)).astype(np.uint8)
    got = difference_hash(pictures)
    assert got.shape == (20, BITS)
    assert got.tolist() == [slow_hash(picture) for picture in pictures]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, BITS), st.integers(0, 10**6))
def test_close_hashes_equals_the_slow_loop(q: int, g: int, most: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random((q, BITS)) < 0.5, rng.random((g, BITS)) < 0.5
    slow = [[i, j] for i in range(q) for j in range(g) if int((first[i] != second[j]).sum()) <= most]
    assert close_hashes(first, second, most).tolist() == slow


def test_a_lighter_copy_is_found_and_another_picture_is_not() -> None:
    pictures = thumbnails(30)
    copies = (pictures.astype(int) + 12).astype(np.uint8)
    pairs = close_hashes(difference_hash(copies), difference_hash(pictures), 4)
    assert {(i, i) for i in range(30)} <= {tuple(pair) for pair in pairs.tolist()}
    assert pixel_correlations(copies, pictures) == pytest.approx(np.ones(30))
    assert pixel_correlations(pictures, np.roll(pictures, 1, axis=0)).max() < 0.7


def test_correlation_follows_the_formula() -> None:
    rng = np.random.default_rng(3)
    first, second = (rng.integers(0, 256, (5, 16, 16, 3)).astype(np.uint8) for _ in range(2))
    slow = []
    for a, b in zip(first.astype(float), second.astype(float), strict=True):
        x, y = ((p - np.array([p[..., c].mean() for c in range(3)])).ravel() for p in (a, b))
        slow.append(sum(x * y) / (sum(x * x) * sum(y * y)) ** 0.5)
    assert pixel_correlations(first, second) == pytest.approx(slow)
    flat = np.full((1, 16, 16, 3), 80, np.uint8)
    assert pixel_correlations(flat, first[:1]).tolist() == [0.0]
