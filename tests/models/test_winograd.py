from __future__ import annotations

import numpy as np

from podoba.models.winograd import KERNEL, OUTPUT, TILE


def test_a_tile_comes_out_as_a_slow_loop_says() -> None:
    rng = np.random.default_rng(0)
    tile, kernel = rng.standard_normal((6, 6)), rng.standard_normal((3, 3))
    expected = np.zeros((4, 4))
    for row in range(4):
        for column in range(4):
            for down in range(3):
                for right in range(3):
                    expected[row, column] += tile[row + down, column + right] * kernel[down, right]
    found = OUTPUT @ ((KERNEL @ kernel.ravel()) * (TILE @ tile.ravel()))
    np.testing.assert_allclose(found.reshape(4, 4), expected, atol=1e-5)


def test_matrices_are_in_single_precision() -> None:
    assert [(matrix.shape, matrix.dtype.name) for matrix in (TILE, KERNEL, OUTPUT)] == [
        ((36, 36), "float32"), ((36, 9), "float32"), ((16, 36), "float32"),
    ]  # fmt: skip
