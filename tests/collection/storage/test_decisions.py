"""What was decided about duplicates, and pairs that are no duplicates."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.decisions import DecidedItem, Decision
from podoba.errors import CollectionError


def decided(**kept: bool) -> list[DecidedItem]:
    """Items by their ids, each a picture of its own, the id in capitals."""
    return [DecidedItem(id_, id_.upper(), keep) for id_, keep in kept.items()]


def test_every_pair_is_remembered_once(filled: Collection) -> None:
    pairs = filled.store.not_duplicates
    assert pairs.add(["c", "a", "b", "a"]) == 3
    assert pairs.add(["b", "c", "d"]) == 2
    assert pairs.pairs() == {*combinations("abc", 2), ("b", "d"), ("c", "d")}
    assert pairs.add(["a"]) == 0


def test_decisions_outlive_the_process_and_are_taken_back_together(filled: Collection) -> None:
    table = filled.store.decisions
    assert (table.revision, table.select()) == (0, [])
    first = table.add([decided(a=True, b=False)])
    second = table.add([decided(c=True, d=False), decided(e=False, f=True)])
    filled.close()
    with Collection.open(filled.path) as again:
        table = again.store.decisions
        found = table.select()
        assert [(one.batch, one.items) for one in found] == [
            (first, decided(a=True, b=False)),
            (second, decided(c=True, d=False)),
            (second, decided(e=False, f=True)),
        ]
        assert len({one.number for one in found}) == 3
        revision = table.revision
        assert table.remove(second) == 2
        assert (table.remove(second), table.revision > revision) == (0, True)
        assert [one.batch for one in table.select()] == [first]
        third = table.add([decided(c=True, d=False)])
        assert third not in (first, second)
        assert table.select()[-1].number > max(one.number for one in found), "no number is given twice"


def test_a_decision_holds_for_what_it_was_made_of() -> None:
    decision = Decision(1, 2, "2026-01-01T00:00:00", decided(a=True, b=False, c=False))
    assert decision.about([("a", "A"), ("b", "B"), ("c", "C")]) == {"a": True, "b": False, "c": False}
    assert decision.about([("a", "A"), ("c", "C")]) == {"a": True, "c": False}, "without what is gone"
    assert decision.about([("moved", "A"), ("b", "B")]) == {"moved": True, "b": False}, "by its bytes"
    assert decision.about([("a", "A"), ("b", "B"), ("new", "N")]) == {"a": True, "b": False}, "not a new one"
    assert decision.about([("b", "B"), ("c", "C")]) == {"b": False, "c": False}
    assert decision.about([("a", "A"), ("b", "changed")]) == {"a": True}, "not another picture in its place"


def test_files_of_the_same_bytes_are_told_apart_by_their_places() -> None:
    twins = [DecidedItem("a", "X", False), DecidedItem("b", "X", True), DecidedItem("c", "X", False)]
    decision = Decision(1, 2, "2026-01-01T00:00:00", twins)
    assert decision.about([("a", "X"), ("b", "X"), ("c", "X")]) == {"a": False, "b": True, "c": False}
    assert decision.about([("a", "X"), ("moved", "X"), ("c", "X")]) == {"a": False, "moved": True, "c": False}
    assert decision.about([("a", "X"), ("b", "X"), ("c", "X"), ("fourth", "X")]) == {"a": False, "b": True, "c": False}
    assert decision.about([("one", "X"), ("other", "X")]) == {"one": True, "other": False}, "in doubt the first stays"


def test_items_are_followed_to_their_new_places(filled: Collection) -> None:
    one, other = filled.items()[:2]
    filled.store.decisions.add([[DecidedItem(one.id, one.picture, True), DecidedItem(other.id, other.picture, False)]])
    filled.store.items.change([(one.id, replace(one, id="elsewhere", uri="/elsewhere"))])
    assert [item.id for item in filled.store.decisions.select()[0].items] == ["elsewhere", other.id]
    assert filled.store.decisions.damaged() == 0


def test_what_is_kept_together_is_set_apart_until_something_else_is_decided(filled: Collection) -> None:
    store = filled.store
    store.not_duplicates.add(["A", "Z"])
    store.decisions.add([decided(a=True, b=True, c=False)])
    assert store.not_duplicates.pairs() == {("A", "B"), ("A", "Z")}
    again = store.decisions.add([decided(a=True, b=False)])
    assert store.not_duplicates.pairs() == {("A", "Z")}
    store.decisions.remove(again)
    assert store.not_duplicates.pairs() == {("A", "B"), ("A", "Z")}
    store.decisions.add([[DecidedItem("p", "X", True), DecidedItem("q", "X", True)]])
    assert ("id:p", "id:q") in store.not_duplicates.pairs(), "of the same bytes: by their items"


def test_a_damaged_decision_is_named_and_forgotten_as_a_whole(filled: Collection, tmp_path: Path) -> None:
    filled.store.decisions.add([decided(a=True, b=False), decided(c=True, d=False)])
    filled.close()
    connection = sqlite3.connect(filled.path)
    connection.execute("UPDATE decisions SET kept = 0 WHERE item = 'a'")
    connection.commit()
    connection.close()
    with Collection.open(filled.path) as opened:
        with pytest.raises(CollectionError, match=r"decision is damaged.*--repair"):
            opened.store.decisions.select()
        assert [line for line in opened.check() if "1 decisions about duplicates are damaged" in line]
        assert [line for line in opened.repair() if "decide them again" in line]
        assert [one.items for one in opened.store.decisions.select()] == [decided(c=True, d=False)]
