"""Items, descriptors, transactions and facts of a collection."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError
from podoba.models.encoder import Encoder

DIM = 192
ItemOf = Callable[[int], Item]


def unit(seed: int, count: int = 1) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def test_items_and_descriptors_come_back_as_they_were_put(filled: Collection, item_of: ItemOf) -> None:
    filled.close()
    with Collection.open(filled.path, read_only=True) as collection:
        assert collection.items() == [item_of(i) for i in range(60)]
        vectors = collection.vectors()
        expected = np.random.default_rng(0).standard_normal((60, DIM)).astype(np.float32)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_array_equal(vectors.matrix, expected)
        assert [name.id for name in collection.store.items.names_of(vectors.numbers[[3, 1]])] == [item_of(3).id, item_of(1).id]
        np.testing.assert_array_equal(collection.store.descriptors.get(item_of(7).id), expected[7])
        assert collection.item(item_of(7).id) == item_of(7)
        assert len(collection) == 60


def test_an_item_put_again_is_replaced_and_keeps_its_place(filled: Collection, item_of: ItemOf) -> None:
    changed = replace(item_of(5), label="horse", width=9, attributes={"new": 1})
    filled.put([changed, item_of(60)], unit(9, 2))
    assert filled.items()[5] == changed
    assert filled.items()[60] == item_of(60)
    assert len(filled) == 61
    np.testing.assert_array_equal(filled.store.descriptors.get(changed.id), unit(9, 2)[0])
    assert "new" in filled.store.items.attribute_names()


def test_vectors_of_a_filter_are_those_of_its_items_held_or_not(filled: Collection) -> None:
    where = "label == 'cat' and width > 800"
    rows = [i for i, item in enumerate(filled.items()) if item.label == "cat" and item.width > 800]
    fresh = filled.vectors(where)
    whole = filled.vectors()
    held = filled.vectors(where)
    for found in (fresh, held):
        np.testing.assert_array_equal(found.matrix, whole.matrix[rows])
        np.testing.assert_array_equal(found.numbers, whole.numbers[rows])
    assert filled.vectors("label == 'bird'").matrix.shape == (0, DIM)


def test_items_are_counted(filled: Collection) -> None:
    assert (filled.count(), filled.count("label == 'cat'"), filled.count("label == 'bird'")) == (60, 15, 0)


def test_held_vectors_are_read_anew_after_every_change(filled: Collection, item_of: ItemOf) -> None:
    with Collection.open(filled.path, read_only=True) as reader:
        assert len(reader.vectors().matrix) == 60
        filled.remove([item_of(0).id])
        assert len(reader.vectors().matrix) == 59
        assert item_of(0).id not in [item.id for item in reader.store.items.names_of(reader.vectors().numbers)]
        filled.put([item_of(1)], unit(4))
        np.testing.assert_array_equal(reader.vectors().matrix[0], unit(4)[0])


def test_the_generation_counts_changes_of_items_only(filled: Collection, item_of: ItemOf) -> None:
    start = filled.store.database.generation
    filled.store.skipped.put([("/a.jpg", "1", "bad")])
    filled.remove(["unknown"])
    filled.put([], np.empty((0, DIM), np.float32))
    assert filled.store.database.generation == start
    with filled.store.transaction():
        filled.put([item_of(70)], unit(1))
        filled.put([item_of(71)], unit(2))
    assert filled.store.database.generation == start + 1
    filled.store.items.change([(item_of(70).id, replace(item_of(70), label="x"))])
    filled.remove(where="label == 'x'")
    assert filled.store.database.generation == start + 3


def test_a_moved_item_keeps_its_descriptor(filled: Collection, item_of: ItemOf) -> None:
    before = filled.store.descriptors.get(item_of(3).id)
    moved = replace(item_of(3), id="f" * 16, uri="/elsewhere.jpg", source="/elsewhere")
    filled.store.items.change([(item_of(3).id, moved)])
    assert filled.items()[3] == moved
    np.testing.assert_array_equal(filled.store.descriptors.get("f" * 16), before)
    with pytest.raises(CollectionError, match="no item of id"):
        filled.item(item_of(3).id)


def test_items_are_removed_by_id_and_by_filter(filled: Collection, item_of: ItemOf) -> None:
    assert filled.remove([item_of(1).id, "unknown"]) == 1
    assert filled.remove(where="label == 'cat'") == 15
    assert filled.remove([item_of(2).id], where="width > 5000") == 1 + len([i for i in range(51, 60) if i % 4])
    assert filled.vectors().matrix.shape == (len(filled), DIM)
    with pytest.raises(CollectionError, match="did you mean label"):
        filled.remove(where="labell == 'dog'")


def test_a_transaction_stands_whole_or_not_at_all(filled: Collection, item_of: ItemOf) -> None:
    def interrupted() -> None:
        with filled.store.transaction():
            filled.put([item_of(80)], unit(1))
            filled.remove([item_of(0).id])
            raise KeyboardInterrupt

    generation = filled.store.database.generation
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [item.id for item in filled.items()] == [item_of(i).id for i in range(60)]
    assert filled.store.database.generation == generation
    filled.put([item_of(80)], unit(1))  # and the next one works


def test_what_cannot_be_a_descriptor_is_refused(filled: Collection, item_of: ItemOf) -> None:
    for wrong in (unit(0, 2), unit(0)[:, :5], 2 * unit(0), np.full_like(unit(0), np.nan)):
        with pytest.raises(ValueError, match="descriptors must be"):
            filled.put([item_of(99)], wrong)
    assert len(filled) == 60


def test_a_collection_remembers_its_model_and_refuses_another(
    filled: Collection, encoder: Encoder, other_encoder: Encoder
) -> None:
    filled.claim(encoder, "by another name")  # the same file is the same model
    facts = [filled.store.database.fact(key) for key in ("model", "path", "fingerprint")]
    assert facts == ["tiny", str(encoder.path), encoder.fingerprint]
    assert filled.card == encoder.card
    with pytest.raises(CollectionError, match=r"built with model 'tiny'.*index into a new file"):
        filled.claim(other_encoder, "other")
    filled.remove(where="width >= 0")
    filled.claim(other_encoder, "other")
    assert filled.store.models.name == "other"


def test_items_need_a_model(tmp_path: Path, item_of: ItemOf) -> None:
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        assert (collection.card, collection.store.models.name, collection.store.database.generation) == (None, None, 0)
        with pytest.raises(CollectionError, match="does not know its model"):
            collection.put([item_of(0)], unit(0))


def test_names_that_are_no_utf8_come_back_exactly(filled: Collection, item_of: ItemOf) -> None:
    odd = replace(item_of(90), uri="/pictures/\udcff\udc80.jpg", source="/pictures/\udcfe")
    filled.put([odd], unit(0))
    assert filled.item(odd.id) == odd
    filled.store.skipped.put([("/bad/\udcff.jpg", None, "why"), ("/bad/є.jpg", "7", "because")])
    assert filled.skipped() == {"/bad/\udcff.jpg": (None, "why"), "/bad/є.jpg": ("7", "because")}
    filled.store.skipped.remove(["/bad/\udcff.jpg"])
    assert list(filled.skipped()) == ["/bad/є.jpg"]


def test_a_snapshot_is_of_one_moment(filled: Collection, item_of: ItemOf) -> None:
    with Collection.open(filled.path, read_only=True) as reader, reader.store.snapshot():
        before = reader.items()
        filled.remove([item_of(0).id])
        assert reader.items() == before
        assert len(reader.vectors().matrix) == 60
    with filled.store.snapshot(), pytest.raises(RuntimeError, match="inside a snapshot"):
        filled.remove([item_of(1).id])


def test_a_descriptor_of_the_wrong_length_is_noticed(filled: Collection, item_of: ItemOf) -> None:
    connection = sqlite3.connect(filled.path)
    connection.execute("UPDATE descriptors SET vector = substr(vector, 5) WHERE item = 3")
    connection.commit()
    with pytest.raises(CollectionError, match=r"a descriptor is damaged.*podoba check"):
        filled.vectors()
    with pytest.raises(CollectionError, match="a descriptor is damaged"):
        filled.store.descriptors.get(item_of(2).id)
    connection.execute("DELETE FROM descriptors WHERE item = 3")
    connection.execute("UPDATE items SET attributes = '{' WHERE number = 5")
    connection.commit()
    connection.close()
    with pytest.raises(CollectionError, match="lost its descriptor"):
        filled.store.descriptors.get(item_of(2).id)
    with pytest.raises(CollectionError, match="an item is damaged"):
        filled.items()
