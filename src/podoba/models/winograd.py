"""The matrices of Winograd's minimal filtering F(4x4, 3x3): a tile of 4x4 outputs takes 36 products a channel pair, not 144.

A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016. Those of a tile are the Kronecker squares of
those of a column: they map flattened tiles, float32.
"""

import numpy as np

from podoba.arrays import Floats


def _squared(*rows: tuple[float, ...]) -> Floats:
    matrix = np.array(rows, dtype=np.float32)
    return np.kron(matrix, matrix)


TILE = _squared(
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
KERNEL = _squared(
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
OUTPUT = _squared(
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)
