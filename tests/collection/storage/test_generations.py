"""Which items changed since an earlier generation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from podoba.collection.collection import Collection
from podoba.collection.storage.generations import current_generation, forget_before, touched_since
from podoba.collection.storage.items import Item


def test_what_was_written_or_removed_since_a_generation(filled: Collection, item_of: Callable[[int], Item]) -> None:
    connection = filled.store.database.connection
    first = current_generation(connection)
    assert touched_since(connection, *first) is not None
    filled.put([item_of(3)], filled.vectors().matrix[:1])
    filled.remove([item_of(5).id])
    second = current_generation(connection)
    assert second[0] == first[0] + 2
    touched = touched_since(connection, *first)
    assert touched is not None
    assert touched.tolist() == [4, 6]
    assert touched_since(connection, second[0], second[1]).tolist() == []  # type: ignore[union-attr]
    assert touched_since(connection, first[0], second[1]) is None  # a token of another generation
    with filled.store.transaction():
        forget_before(connection, second[0])
    assert touched_since(connection, *first) is None


def test_a_list_of_changes_that_is_damaged_serves_nobody(filled: Collection) -> None:
    connection = filled.store.database.connection
    generation = current_generation(connection)
    filled.put(filled.items()[:1], filled.vectors().matrix[:1])
    touched = touched_since(connection, *generation)
    assert touched is not None
    assert np.array_equal(touched, [1])
    connection.execute("UPDATE touched SET item = 200 WHERE item = 1 AND generation > ?", [generation[0]])
    assert touched_since(connection, *generation) is None
