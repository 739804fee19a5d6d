"""Blocks fitted to each other in brightness and contrast, against a slow loop."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.images.compare.block_moments import block_moments

Pixels = NDArray[np.uint8]


def split(values: NDArray[np.float64], block: int) -> NDArray[np.float64]:
    """Blocks (R, C, block, block) of values (H, W)."""
    rows, columns = values.shape[0] // block, values.shape[1] // block
    return np.array([[values[r * block : (r + 1) * block, c * block : (c + 1) * block] for c in range(columns)]
                     for r in range(rows)])  # fmt: skip


@pytest.mark.parametrize("block", [4, 16])
def test_fitted_errors_against_a_slow_fit(pictures: Pixels, block: int) -> None:
    """With every block trusted one fit of a straight line by colour is what is left, or the plain difference where it is less."""
    x, y = pictures[:3, :, 16:].astype(np.float32), pictures[3:6, :, 16:].astype(np.float32)
    errors = block_moments(x, y, block).fitted_errors(trusted=1.0)
    assert errors.shape == (3, 32 // block, 16 // block)
    for i in range(3):
        fitted, plain = np.zeros((32, 16)), np.zeros((32, 16))
        for c in range(3):
            a, b = x[i, ..., c].astype(float), y[i, ..., c].astype(float)
            gain = np.clip(((a - a.mean()) * (b - b.mean())).mean() / b.var(), 0.5, 2.0)
            fitted += (a - a.mean() - gain * (b - b.mean())) ** 2 / 3
            plain += (a - b) ** 2 / 3
        slow = np.minimum(*(np.sqrt(split(squares, block).mean((2, 3))) for squares in (fitted, plain)))
        np.testing.assert_allclose(errors[i], slow, rtol=1e-2)


def test_contrast_is_that_of_the_picture_with_more(pictures: Pixels) -> None:
    x = pictures[:4].astype(np.float32)
    slow = np.sqrt(np.mean([[split(x[i, ..., c].astype(float), 8).var((2, 3)) for c in range(3)] for i in range(4)], axis=1))
    np.testing.assert_allclose(block_moments(x, x * 0.5, 8).contrast(), slow, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(block_moments(x * 0.5, x, 8).contrast(), slow, rtol=1e-3, atol=1e-2)


def test_a_flat_page_does_not_decide_the_contrast() -> None:
    """Most of a page is white, with the noise of its encoding; what is drawn on it is alike in both."""
    rng = np.random.default_rng(0)
    page = np.full((32, 32), 250.0)
    page[12:20, 12:20] = rng.uniform(0, 200, (8, 8))
    first, second = ((page + rng.normal(0, 0.7, page.shape)).astype(np.float32)[None, ..., None] for _ in range(2))
    assert block_moments(first, second, 4).fitted_errors(trusted=0.6).max() < 2


def test_shared_contrast_is_of_the_chosen_blocks_alone() -> None:
    x = np.zeros((2, 8, 8, 1), dtype=np.float32)
    x[:, :4, ::2] = 100
    moments = block_moments(x, x * np.float32(0.5), 4)
    chosen = np.array([[[True, True], [False, False]], [[False, False], [False, False]]])
    np.testing.assert_allclose(moments.shared_contrast(chosen), [25, 0])
