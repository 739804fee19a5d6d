"""The table of marks: named by content, so that they outlive items; a later word counts."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.marks import QueryRecord
from podoba.errors import CollectionError


def query(key: str) -> QueryRecord:
    return QueryRecord(key, f"name of {key}\udcff", np.eye(1, 192, dtype=np.float32)[0], "f" * 16)


def test_marks_are_kept_replaced_and_removed(filled: Collection) -> None:
    marks, items = filled.store.marks, filled.items()
    marks.put(query("a"), {1: True, 2: False})
    marks.put(query("b"), {2: True})
    marks.put(query("a"), {1: False})
    assert [(mark.query, mark.item, mark.right) for mark in marks.select()] == [
        ("a", items[1].content, False),
        ("a", items[0].content, False),
        ("b", items[1].content, True),
    ]
    assert marks.select()[0].id == items[1].id
    assert list(marks.select()[0].to_json()) == ["query", "asked", "item", "uri", "id", "right", "made", "model"]
    assert marks.select()[0].to_json()["asked"] == "name of a\\udcff"
    assert [record.key for record in marks.queries()] == ["a", "b"]
    np.testing.assert_array_equal(marks.queries()[0].descriptor, query("a").descriptor)
    assert marks.verdicts(["a"]) == {1: False, 2: False}
    assert marks.remove("a", [1]) == 1
    assert marks.remove("b") == 1
    assert [record.key for record in marks.queries()] == ["a"]
    assert marks.remove() == 1
    assert (marks.select(), marks.queries()) == ([], [])


def test_a_mark_outlives_its_item(filled: Collection) -> None:
    filled.store.marks.put(query("a"), {1: True})
    filled.remove([filled.items()[0].id])
    (mark,) = filled.store.marks.select()
    assert mark.id is None
    assert filled.store.marks.verdicts(["a"]) == {}


def test_damaged_marks_are_counted_and_removed(filled: Collection) -> None:
    filled.store.marks.put(query("a"), {1: True, 2: True})
    filled.store.database.execute("UPDATE marks SET verdict = 'wrong' WHERE rowid = 1")
    with pytest.raises(CollectionError, match=r"a mark is damaged.*--repair"):
        filled.store.marks.select()
    assert filled.store.marks.damaged() == 1
    filled.store.marks.remove_damaged()
    assert (filled.store.marks.damaged(), len(filled.store.marks.select())) == (0, 1)
