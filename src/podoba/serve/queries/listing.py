"""Items in an order, by pages, and all of them as numbers."""

from typing import Any

import numpy as np

from podoba.arrays import Indices
from podoba.collection.columns import ItemColumns
from podoba.collection.facets import Facet
from podoba.errors import CollectionError, NeedsAFile
from podoba.serve.problems import Problem
from podoba.serve.queries.answers import item_json
from podoba.serve.queries.opened import OpenedCollection, OpenedFile
from podoba.serve.queries.settings import DEFAULT

NARROWEST, WIDEST = 200, 5000  # width of an item in thousandths of its height, in a layout


def chosen(opened: OpenedFile, where: str | None, sort: str | None) -> tuple[ItemColumns, Indices]:
    """The columns of all items, and the rows of those of a filter in an order. Raises `Problem`, `FilterError`."""
    with opened.collection.store.snapshot():
        _, columns = opened.columns.read()
        rows = np.arange(len(columns)) if where is None else columns.rows(opened.collection.store.items.numbers(where))
    try:
        return columns, columns.ordered(rows, sort)
    except CollectionError as error:
        raise Problem(422, "wrong_sort", str(error)) from error


def items_page(
    opened: OpenedCollection, where: str | None, sort: str | None, offset: int, k: int, *, show_paths: bool
) -> dict[str, Any]:
    """A page of the items of a filter, and how many there are; of a collection in no file the first pages alone.

    Raises:
        Problem: what they cannot be sorted by; a page behind the first `QuerySettings.most_items` in no file.
        CollectionError: as `Items.first`; an order in no file.
    """
    if not isinstance(opened, OpenedFile):
        return _first_items(opened, where, sort, offset, k, show_paths=show_paths)
    columns, rows = chosen(opened, where, sort)
    numbers = columns.numbers[rows[offset : offset + k]].tolist()
    return {"items": numbered(opened, numbers, show_paths=show_paths), "total": len(rows)}


def _first_items(
    opened: OpenedCollection, where: str | None, sort: str | None, offset: int, k: int, *, show_paths: bool
) -> dict[str, Any]:
    """As `items_page`, where nobody can put all items into an order."""
    if sort is not None:
        raise NeedsAFile(opened.collection.name)
    if offset + k > DEFAULT.most_items:
        most = DEFAULT.most_items
        raise Problem(422, "too_far", f"of this collection the first {most} items can be listed: choose by a filter", most=most)
    items = opened.collection.store.items.first(offset + k, where)[offset:]
    return {"items": [item_json(item, show_paths) for item in items], "total": opened.collection.count(where)}


def numbered(opened: OpenedFile, numbers: list[int], *, show_paths: bool) -> list[dict[str, Any]]:
    """Items by their numbers, in that order, each with its number; those that are gone are left out."""
    found = opened.collection.store.items.of_numbers(numbers)
    return [item_json(found[number], show_paths) | {"number": number} for number in numbers if number in found]


def layout(opened: OpenedFile, where: str | None, sort: str | None) -> bytes:
    """All items of a filter in an order: uint32 n, n x uint32 number, n x uint16 aspect, little endian.

    The aspect is 1000 * width / height, from `NARROWEST` to `WIDEST`.
    """
    columns, rows = chosen(opened, where, sort)
    width, height = (column.numbers for column in (columns.columns["width"], columns.columns["height"]))
    if width is None or height is None:  # no items
        return np.zeros(1, "<u4").tobytes()
    aspects = np.nan_to_num(1000 * width[rows] / np.maximum(height[rows], 1), nan=1000.0).clip(NARROWEST, WIDEST).round()
    numbers = columns.numbers[rows]
    return b"".join(part.tobytes() for part in (np.array([len(rows)], "<u4"), numbers.astype("<u4"), aspects.astype("<u2")))


def facet_json(facet: Facet) -> dict[str, Any]:
    """A facet as it is answered."""
    return {
        "name": facet.name,
        "kind": facet.kind,
        "values": [{"value": value, "count": count} for value, count in facet.values],
        "missing": facet.missing,
        "min": facet.least,
        "max": facet.most,
        "bins": [{"from": start, "to": end, "count": count} for start, end, count in facet.bins],
        "distinct": facet.distinct,
    }
