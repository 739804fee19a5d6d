"""Building an index, and measuring how well it finds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from podoba.arrays import Mask
from podoba.collection.index.build import build_index
from podoba.collection.index.hnsw import NeighbourIndex
from podoba.collection.index.rows import Rows
from podoba.collection.index.settings import IndexSettings
from podoba.collection.storage.items import Item

Descriptors = Callable[[int, int], np.ndarray]
ItemOf = Callable[[int], Item]


def test_recall_is_measured_on_items_that_are_not_in_the_index(
    descriptors_of: Descriptors, monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = descriptors_of(0, 1200)
    asked: list[int] = []
    real = NeighbourIndex.search

    def search(self: NeighbourIndex, queries: np.ndarray, k: int, alive: Mask | None = None) -> list[np.ndarray]:
        asked.append(len(self))
        return real(self, queries, k, alive)

    monkeypatch.setattr(NeighbourIndex, "search", search)
    built = build_index(Rows(np.arange(1200), matrix), 0.9, IndexSettings(worth=0))
    assert set(asked) == {900}
    assert (built.index.ntotal, len(built.sample)) == (1200, 300)
    monkeypatch.undo()
    found = NeighbourIndex(built.index, "hnsw", 200, 10, built.sample, 1200).search(matrix, 1)
    assert np.mean([rows[0] == row for row, rows in enumerate(found)]) > 0.99  # every place leads back to its row
