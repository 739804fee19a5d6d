"""The table of descriptors: what is read is what was written, or an error."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.descriptors import LoadedDescriptors
from podoba.errors import CollectionError


def test_descriptors_come_in_the_order_in_which_they_are_named(filled: Collection) -> None:
    whole = filled.store.descriptors.load()
    assert whole.numbers.tolist() == list(range(1, 61))
    some = filled.store.descriptors.of_numbers(np.array([9, 2, 9]))
    np.testing.assert_array_equal(some, whole.matrix[[8, 1, 8]])
    assert filled.store.descriptors.of_numbers(np.array([], dtype=np.int64)).shape == (0, 192)
    cats = filled.store.descriptors.load("label == 'cat'")
    np.testing.assert_array_equal(cats.matrix, whole.matrix[::4])
    np.testing.assert_array_equal(filled.store.descriptors.get(filled.items()[5].id), whole.matrix[5])
    with filled.store.snapshot():
        parts = [*filled.store.descriptors.parts_of(np.array([3, 1000]))]
    assert [numbers.tolist() for numbers, _ in parts] == [[3]]


def test_vectors_are_picked_by_number() -> None:
    vectors = LoadedDescriptors(np.array([2, 5, 9]), np.eye(3, dtype=np.float32))
    assert vectors.take(np.array([2, 9])).matrix.tolist() == [[1, 0, 0], [0, 0, 1]]
    assert vectors.take(np.array([2, 5, 9])) is vectors


def test_a_sample_is_drawn_without_replacement(filled: Collection) -> None:
    whole = {row.tobytes() for row in filled.store.descriptors.load().matrix}
    sample = [row.tobytes() for row in filled.store.descriptors.sample(20)]
    assert len(set(sample)) == 20
    assert set(sample) <= whole
    assert [row.tobytes() for row in filled.store.descriptors.sample(20)] == sample
    assert len(filled.store.descriptors.sample(100, without=[1, 2])) == 58


def test_few_of_many_are_drawn_evenly_and_without_reading_all_numbers(filled: Collection) -> None:
    rows = {row.tobytes(): number for number, row in enumerate(filled.store.descriptors.load().matrix, 1)}
    statements: list[str] = []
    filled.store.database.connection.set_trace_callback(statements.append)
    drawn = [[rows[row.tobytes()] for row in filled.store.descriptors.sample(5, seed, without=[7, 8])] for seed in range(300)]
    filled.store.database.connection.set_trace_callback(None)
    assert all(len(set(some)) == 5 for some in drawn)
    counts = np.bincount(np.concatenate(drawn), minlength=61)
    assert counts[[0, 7, 8]].tolist() == [0, 0, 0]
    assert 8 <= np.delete(counts, [0, 7, 8]).min() <= counts.max() <= 48  # 25.9 on average
    assert "SELECT item FROM descriptors  ORDER BY item" not in statements
    filled.remove([item.id for item in filled.items()[:-6]])
    assert len(filled.store.descriptors.sample(5)) == 5  # though most numbers below the largest are gone


def test_lost_and_damaged_descriptors_are_named(filled: Collection) -> None:
    ids = [item.id for item in filled.items()]
    filled.store.database.execute("DELETE FROM descriptors WHERE item = 3")
    filled.store.database.execute("UPDATE descriptors SET vector = zeroblob(768) WHERE item = 4")
    filled.store.database.execute("UPDATE descriptors SET vector = zeroblob(4) WHERE item = 5")
    with pytest.raises(CollectionError, match="lost its descriptor"):
        filled.store.descriptors.get(ids[2])
    with pytest.raises(CollectionError, match="lost their descriptors"):
        filled.store.descriptors.of_numbers(np.array([1, 3]))
    for number in (4, 5):
        with pytest.raises(CollectionError, match="a descriptor is damaged"):
            filled.store.descriptors.of_numbers(np.array([number]))
    with pytest.raises(CollectionError, match="a descriptor is damaged"):
        filled.store.descriptors.load()
