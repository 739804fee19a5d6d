from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.ranking.exact import nearest


def unit(rng: np.random.Generator, n: int, dim: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, dim)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


@pytest.mark.parametrize("leave_one_out", [False, True])
def test_neighbours_equal_a_slow_loop_even_with_many_copies(leave_one_out: bool) -> None:
    rng = np.random.default_rng(3)
    x = unit(rng, 12, 8)[rng.integers(0, 12, 120)]
    neighbours = nearest(x, x, 7, leave_one_out=leave_one_out)
    for row, query in enumerate(x.astype(np.float64)):
        others = [i for i in range(len(x)) if not (leave_one_out and i == row)]
        distance = {i: float(((x[i] - query) ** 2).sum()) for i in others}
        expected = sorted(others, key=lambda i: (round(distance[i], 9), i))[:7]
        assert neighbours.indices[row].tolist() == expected
        np.testing.assert_allclose(neighbours.similarities[row], x[expected] @ x[row], atol=1e-6)


def test_too_many_neighbours_are_refused() -> None:
    x = unit(np.random.default_rng(0), 3, 4)
    with pytest.raises(ValueError, match="can find 2"):
        nearest(x, x, 3, leave_one_out=True)
