"""The order of rows in an index, and the search in one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from podoba.collection.index.hnsw import rows_in_order
from podoba.collection.storage.items import Item

Descriptors = Callable[[int, int], np.ndarray]
ItemOf = Callable[[int], Item]


def test_rows_in_the_order_in_which_they_were_added() -> None:
    order = rows_in_order(9, np.array([0, 3, 5]), 7)
    assert order is not None
    assert order.tolist() == [1, 2, 4, 6, 0, 3, 5, 7, 8]
    assert rows_in_order(5, np.empty(0, dtype=np.int64), 5) is None
