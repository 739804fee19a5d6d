from __future__ import annotations

import numpy as np
import pytest

from podoba.arrays import similarity_blocks


@pytest.mark.parametrize("numbers", [None, "each", "some"])
@pytest.mark.parametrize("numbers_at_once", [1, 50, 1 << 24])
def test_blocks_are_all_similarities_and_fit_the_memory(numbers: str | None, numbers_at_once: int) -> None:
    rng = np.random.default_rng(0)
    gallery = rng.normal(size=(12, 3)).astype(np.float32)
    queries = gallery if numbers == "each" else rng.normal(size=(7, 3)).astype(np.float32)
    own = {"each": (np.arange(12), np.arange(12)), "some": (np.array([0, 1, 1, 2, 9, 9, 3]), np.arange(12) // 3)}
    images = None if numbers is None else own[numbers]
    expected = np.array([[float(a.astype(np.float64) @ b) for b in gallery] for a in queries])
    if images is not None:
        expected[np.array([[a == b for b in images[1]] for a in images[0]])] = -np.inf
        assert np.isinf(expected).sum() == {"each": 12, "some": 15}[str(numbers)]
    seen: list[int] = []
    for rows, block in similarity_blocks(queries, gallery, images=images, numbers_at_once=numbers_at_once):
        assert block.dtype == np.float32
        assert block.size <= max(numbers_at_once, len(gallery))
        np.testing.assert_allclose(block, expected[rows.start : rows.stop], atol=1e-5)
        seen += rows
    assert seen == list(range(len(queries)))
