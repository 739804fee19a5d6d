"""The items of a collection in a vector database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from podoba.arrays import Indices
from podoba.collection.filters.predicate import holds
from podoba.collection.storage.items import Item, ItemName, Size
from podoba.errors import CollectionError, UnknownItem
from podoba.scale.vectors.dialect import Choice, choose, quoted
from podoba.scale.vectors.remote import NOTHING, RemoteCollection
from podoba.scale.vectors.schema import ITEM, LOWEST, NUMBER, from_row, number_of


class MilvusItems:
    """As `podoba.collection.vectors.Items`; an item's number is its id."""

    def __init__(self, remote: RemoteCollection) -> None:
        self._remote = remote

    def __len__(self) -> int:
        return self._remote.count()

    def count(self, where: str | None = None) -> int:
        """How many there are, all or those of a filter. Raises `FilterError`."""
        choice = self.choice(where)
        if choice.rest is None:
            return self._remote.count(choice.expression)
        return sum(len(page) for page in self.chosen(choice))

    def get(self, id_: str) -> Item:
        """One item. Raises `UnknownItem`."""
        return self.of_numbers([self.number(id_)])[number_of(id_)]

    def known(self, ids: Iterable[str]) -> dict[str, Item]:
        """Those of these ids that there are, by their ids."""
        numbers = [number for number in map(_number, ids) if number is not None]
        return {item.id: item for item in self.of_numbers(numbers).values()}

    def first(self, count: int, where: str | None = None) -> list[Item]:
        """As many items, of all or of a filter, those of the lowest numbers. Raises `FilterError`."""
        choice, found = self.choice(where), list[Item]()
        rows = min(count, self._remote.settings.page_rows) if choice.rest is None else None
        for page in self.chosen(choice, ITEM, rows) if count else ():
            found += [from_row(row) for row in page]
            if len(found) >= count:
                break
        return found[:count]

    def number(self, id_: str) -> int:
        """The number of an item. Raises `UnknownItem`."""
        number = _number(id_)
        if number is None or not self._remote.of_numbers([number], []):
            self._unknown(id_)
        return number

    def numbers(self, where: str | None = None) -> Indices:
        """Numbers, ascending, of all items or those of a filter. Raises `FilterError`."""
        pages = [[int(row[NUMBER]) for row in page] for page in self.chosen(self.choice(where))]
        return np.array([number for page in pages for number in page], dtype=np.int64)

    def same_as(self, id_: str, content: str) -> Indices:
        """Numbers, ascending, of the item of an id and of those whose image has exactly these bytes (sha256)."""
        number = _number(id_)
        found = {} if number is None else self._remote.of_numbers([number], [])
        same = [] if not content else list(self._numbers(f"content == {quoted(content)}"))
        return np.unique(np.array([*found, *same], dtype=np.int64))

    def of_contents(self, contents: Sequence[str]) -> dict[str, list[int]]:
        """Numbers, ascending, of the items of each of these images, by the sha256 of their bytes."""
        found: dict[str, list[int]] = {content: [] for content in contents if content}
        if found:
            expression = f"content in [{', '.join(map(quoted, found))}]"
            for page in self._remote.pages(expression, ["content"], self._remote.settings.page_rows):
                for row in page:
                    found[row["content"]].append(int(row[NUMBER]))
        return found

    def names_and_sizes_of(self, numbers: Iterable[int]) -> list[tuple[ItemName, Size]]:
        """Id, uri and label, and width and height of items, in that order. Raises `CollectionError` where one is missing."""
        wanted = [int(number) for number in numbers]
        items = self.of_numbers(wanted)
        if len(items) != len(set(wanted)):
            raise CollectionError(f"{self._remote.connection.address}: items were removed meanwhile: search again")
        several = [items[number] for number in wanted]
        return [(ItemName(item.id, item.uri, item.label), (item.width, item.height)) for item in several]

    def of_numbers(self, numbers: Iterable[int]) -> dict[int, Item]:
        """The items of these numbers, by number; those that are not there are left out."""
        wanted = dict.fromkeys(int(number) for number in numbers)
        return {number: from_row(row) for number, row in self._remote.of_numbers(wanted, ITEM).items()}

    def attribute_names(self) -> list[str]:
        """Names of the attributes that items have or had, which filters may use."""
        return self._remote.attribute_names()

    def remove(self, ids: Sequence[str] = (), where: str | None = None) -> int:
        """Remove items with their descriptors. Returns how many there were."""
        named = [number for number in map(_number, ids) if number is not None]
        numbers = {*self._remote.of_numbers(named, []), *([] if where is None else self.numbers(where).tolist())}
        self._remote.delete(sorted(numbers))
        return len(numbers)

    def choice(self, where: str | None) -> Choice:
        """What the server is to choose for a filter, and what is compared here. Raises `FilterError`."""
        return Choice("") if where is None else choose(where, self.attribute_names(), NOTHING)

    def chosen(
        self, choice: Choice, fields: Sequence[str] = (), rows: int | None = None, start: int = LOWEST
    ) -> Iterator[list[dict[str, Any]]]:
        """Fields of the items of a filter, in pages, in the order of their numbers, from a number on."""
        needed = fields if choice.rest is None else [*ITEM, *(name for name in fields if name not in ITEM)]
        for page in self._remote.pages(choice.expression, needed, rows or self._remote.settings.page_rows, start):
            if kept := passing(page, choice):
                yield kept

    def _numbers(self, expression: str) -> Iterator[int]:
        for page in self._remote.pages(expression, [], self._remote.settings.page_rows):
            yield from (int(row[NUMBER]) for row in page)

    def _unknown(self, id_: str) -> NoReturn:
        raise UnknownItem(f"{self._remote.connection.address}: no item of id {id_!r}: ids are printed by `podoba search --json`")


def passing(rows: list[dict[str, Any]], choice: Choice) -> list[dict[str, Any]]:
    """Those of the rows that a server chose that all of the filter lets through."""
    rest = choice.rest
    return rows if rest is None else [row for row in rows if holds(rest, from_row(row))]


def _number(id_: str) -> int | None:
    try:
        return number_of(id_)
    except ValueError:
        return None
