"""The table of items: read, changed and removed by id, number, content and filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item, clean_attributes
from podoba.errors import CollectionError

ItemOf = Callable[[int], Item]


def test_items_are_found_by_id_number_and_content(filled: Collection, item_of: ItemOf) -> None:
    items = filled.store.items
    assert items.get(item_of(4).id) == item_of(4)
    assert items.number(item_of(4).id) == 5
    assert items.numbers_of([item_of(9).id, item_of(0).id]) == [10, 1]
    assert items.names_of([10, 1, 10]) == [(item.id, item.uri, item.label) for item in map(item_of, (9, 0, 9))]
    assert items.names_of([]) == []
    assert items.of_content(item_of(7).content) == [item_of(7)]
    assert items.of_content("none") == []
    assert items.numbers("label == 'cat'").tolist() == [i + 1 for i in range(60) if i % 4 == 0]
    assert items.count("label == 'cat'") == len(items.select("label == 'cat'")) == 15


def test_images_are_found_by_their_bytes(filled: Collection, item_of: ItemOf) -> None:
    items = filled.store.items
    first, copy, unknown = item_of(0), replace(item_of(1), content=item_of(0).content), replace(item_of(2), content="")
    for before, item in ((1, copy), (2, unknown)):
        items.change([(item_of(before).id, item)])
    assert items.contents_of([first.id, copy.id, unknown.id, "none"]) == {first.id: first.content, copy.id: first.content}
    assert items.with_contents([first.content, item_of(5).content, "", "none"]) == {
        first.content: first.id,  # the first of the two
        item_of(5).content: item_of(5).id,
    }
    contents = dict(items.all_contents())
    assert contents[1] == contents[2] == first.content
    assert contents.keys() == set(range(1, 61)) - {3}


def test_what_is_not_there_is_named(filled: Collection, item_of: ItemOf) -> None:
    for look in (filled.store.items.get, filled.store.items.number, lambda id_: filled.store.items.numbers_of([id_])):
        with pytest.raises(CollectionError, match="no item of id 'none'"):
            look("none")
    with pytest.raises(CollectionError, match="items are missing"):
        filled.store.items.names_of([1, 61])


@pytest.mark.parametrize("read", ["names_of", "select"])
def test_many_items_are_read_by_one_statement(filled: Collection, read: str) -> None:
    statements: list[str] = []
    filled.store.database.connection.set_trace_callback(statements.append)
    items = filled.store.items.names_of(range(1, 61)) if read == "names_of" else filled.store.items.select()
    filled.store.database.connection.set_trace_callback(None)
    assert len(items) == 60
    assert len([text for text in statements if text.startswith("SELECT")]) == 1


def test_a_changed_item_keeps_number_and_descriptor(filled: Collection, item_of: ItemOf) -> None:
    before = filled.store.descriptors.get(item_of(3).id)
    moved = replace(item_of(3), id="f" * 16, uri="/elsewhere.jpg", source="/other")
    filled.store.items.change([(item_of(3).id, moved)])
    assert filled.store.items.get(moved.id) == moved
    assert filled.store.items.number(moved.id) == 4
    assert (filled.store.descriptors.get("f" * 16) == before).all()


def test_removing_by_ids_and_by_filter_at_once(filled: Collection, item_of: ItemOf) -> None:
    assert filled.store.items.remove([item_of(1).id, "none", item_of(0).id], "label == 'cat'") == 16
    assert filled.store.items.remove_numbers([3, 3, 99]) == 1
    assert len(filled.store.items) == 43


@pytest.mark.parametrize(
    "change", ["label = 'other'", "source = 99", "attributes = '{'", "uri = 'x'", "checksum = checksum + 1", "label = x'80'"]
)
def test_a_row_that_is_not_what_was_written_is_not_given_out(filled: Collection, change: str) -> None:
    filled.store.database.execute("PRAGMA foreign_keys = OFF")
    filled.store.database.execute(f"UPDATE items SET {change} WHERE number = 2")
    with pytest.raises(CollectionError, match="an item is damaged"):
        filled.store.items.names_of([1, 2])
    with pytest.raises(CollectionError, match="an item is damaged"):
        filled.store.items.select()
    with pytest.raises(CollectionError, match="item 2 is not what was written"):
        filled.store.items.numbers("width > 0")
    assert len(filled.store.items.names_of([1, 3])) == 2


def test_attributes_are_what_json_can_hold() -> None:
    cleaned = clean_attributes({"a\udcff": "b\udcff", "nan": float("nan"), "one": 1})
    assert cleaned == {"a\\udcff": "b\\udcff", "nan": None, "one": 1}
