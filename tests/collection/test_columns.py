"""Tests of the columns of all items, and of sorting by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.columns import ColumnReader, ItemColumns, natural, read_columns
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError


@pytest.fixture
def columns(filled: Collection) -> ItemColumns:
    return read_columns(filled.store)


def test_columns_are_what_the_items_say(filled: Collection, columns: ItemColumns) -> None:
    items = filled.items()
    assert len(columns) == len(items) == 60
    properties: dict[str, Callable[[Item], object]] = {
        "label": lambda item: item.label,
        "width": lambda item: item.width,
        "city": lambda item: item.attributes["city"],
        "mixed": lambda item: item.attributes.get("mixed"),
    }
    for name, of in properties.items():
        column = columns.columns[name]
        assert [None if code < 0 else column.values[code] for code in column.codes] == [of(item) for item in items]
    assert columns.columns["mixed"].numbers is None
    prices = columns.columns["price"].numbers
    assert prices is not None
    assert prices.tolist() == [item.attributes["price"] for item in items]


def mixed_key(value: object) -> tuple[int, object]:
    """Numbers before texts, and what has none last."""
    return (2, 0) if value is None else (1, value) if isinstance(value, str) else (0, value)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        (None, lambda item: 0),
        ("width", lambda item: item.width),
        ("-width", lambda item: -item.width),
        ("label", lambda item: (item.label is None, item.label or "")),
        ("name", lambda item: int(item.uri.split("/")[-1].removesuffix(".jpg"))),
        ("mixed", lambda item: mixed_key(item.attributes.get("mixed"))),
    ],
)  # fmt: skip
def test_items_are_put_into_an_order(
    filled: Collection, columns: ItemColumns, sort: str | None, key: Callable[[Item], object]
) -> None:
    items = filled.items()
    expected = sorted(range(60), key=lambda row: key(items[row]))  # type: ignore[arg-type, return-value]
    assert columns.ordered(np.arange(60), sort).tolist() == expected


def test_what_has_no_value_is_last_in_both_directions(filled: Collection, columns: ItemColumns) -> None:
    labels = [item.label for item in filled.items()]
    for sort in ("label", "-label"):
        ordered = [labels[row] for row in columns.ordered(np.arange(60), sort)]
        assert ordered[-15:] == [None] * 15
        assert ordered[0] == ("cat" if sort == "label" else "it's")
    assert columns.ordered(np.arange(60), "-added").tolist() == list(range(59, -1, -1))


def test_an_unknown_order_names_the_nearest(columns: ItemColumns) -> None:
    with pytest.raises(CollectionError, match=r"no order 'widht': did you mean width\?"):
        columns.ordered(np.arange(60), "widht")


def test_names_are_sorted_as_people_count() -> None:
    names = ["IMG_10.jpg", "img_9.jpg", "Beach.jpg", "image²3.jpg", "7.jpg"]
    assert sorted(names, key=natural) == ["7.jpg", "Beach.jpg", "image²3.jpg", "img_9.jpg", "IMG_10.jpg"]


def test_an_attribute_named_as_a_column_stays_apart(filled: Collection, item_of: Callable[[int], Item]) -> None:
    odd = replace(item_of(70), attributes={"width": "wide", "name": "mine", "new": True})
    filled.put([odd], np.eye(1, 192, dtype=np.float32))
    columns = read_columns(filled.store).columns
    assert columns["attributes.width"].values == ["wide"]
    assert columns["attributes.name"].values == ["mine"]
    assert columns["new"].values == [1]
    assert columns["width"].numbers is not None


def test_columns_are_read_anew_when_the_collection_changes(filled: Collection, item_of: Callable[[int], Item]) -> None:
    reader = ColumnReader(filled.store)
    first = reader.read()
    assert reader.read()[1] is first[1]
    with Collection.open(filled.path) as another:  # as another process would
        another.put([item_of(61)], np.eye(1, 192, dtype=np.float32))
    state, columns = reader.read()
    assert state != first[0]
    assert len(columns) == 61
    assert columns.rows(np.array([1, 5, 1000])).tolist() == [0, 4]


def test_an_empty_collection_has_no_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Collection.open(tmp_path_factory.mktemp("empty") / "empty.podoba", create=True) as empty:
        columns = read_columns(empty.store)
        assert len(columns) == 0
        assert len(columns.rows(np.array([1, 2]))) == 0
        assert len(columns.ordered(np.empty(0, dtype=np.int64), "name")) == 0
