from __future__ import annotations

import numpy as np
import pytest

from podoba.arrays import similarity_blocks


@pytest.mark.parametrize("leave_one_out", [False, True])
@pytest.mark.parametrize("numbers_at_once", [1, 50, 1 << 24])
def test_blocks_are_all_similarities_and_fit_the_memory(leave_one_out: bool, numbers_at_once: int) -> None:
    rng = np.random.default_rng(0)
    gallery = rng.normal(size=(12, 3)).astype(np.float32)
    queries = gallery if leave_one_out else rng.normal(size=(7, 3)).astype(np.float32)
    expected = np.array([[float(a.astype(np.float64) @ b) for b in gallery] for a in queries])
    if leave_one_out:
        np.fill_diagonal(expected, -np.inf)
    seen: list[int] = []
    for rows, block in similarity_blocks(queries, gallery, leave_one_out=leave_one_out, numbers_at_once=numbers_at_once):
        assert block.dtype == np.float32
        assert block.size <= max(numbers_at_once, len(gallery))
        np.testing.assert_allclose(block, expected[rows.start : rows.stop], atol=1e-5)
        seen += rows
    assert seen == list(range(len(queries)))
