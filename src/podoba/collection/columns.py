"""What is known of all items as columns, in memory: for counts, sorting and colours, which look at every item at once."""

from __future__ import annotations

import json
import re
import threading
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.collection.filters.tree import COLUMNS
from podoba.collection.storage.generations import current_generation
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError, did_you_mean
from podoba.files import from_name

Value = str | int | float
NUMBERS, TEXTS = ("width", "height", "size"), ("label", "format")
ADDED, NAME = "added", "name"  # further orders: in which the items came, and by the file's name
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Column:
    """One property of all items.

    Attributes:
        codes: int32 (n,), which of the values each item has; -1: none.
        values: the distinct values, in the order in which they first came.
    """

    codes: NDArray[np.int32]
    values: Sequence[Value]

    @cached_property
    def numbers(self) -> NDArray[np.float64] | None:
        """float64 (n,), NaN where there is none; None unless all values are numbers."""
        if not self.values or not all(isinstance(value, int | float) for value in self.values):
            return None
        return np.append(np.array(self.values, dtype=np.float64), np.nan)[self.codes]

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """int64 (n,): a smaller one comes first in ascending order, numbers before texts; -1 where there is none."""
        order = sorted(range(len(self.values)), key=lambda code: _order(self.values[code]))
        ranks = np.full(len(self.values) + 1, -1, dtype=np.int64)
        ranks[order] = np.arange(len(order))
        return ranks[self.codes]


@dataclass(frozen=True)
class ItemColumns:
    """All items in one state of a collection.

    Attributes:
        numbers: int64 (n,), `items.number`, ascending.
        columns: by the name that a filter calls them by; an attribute named as a column of the items is `attributes.NAME`.
        names: of the items' files.
    """

    numbers: Indices
    columns: dict[str, Column]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def _name_ranks(self) -> Indices:
        keys = [natural(name) for name in self.names]
        ranks = np.empty(len(keys), dtype=np.int64)
        ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return ranks

    def rows(self, numbers: Indices) -> Indices:
        """Rows of items by their numbers; numbers that are not there are left out."""
        if not len(self.numbers):
            return np.empty(0, dtype=np.int64)
        places = np.searchsorted(self.numbers, numbers).clip(max=len(self.numbers) - 1)
        found: Indices = places[self.numbers[places] == numbers]
        return found

    def ordered(self, rows: Indices, sort: str | None) -> Indices:
        """Rows in an order: `added` (None), `name`, or the name of a column; `-` before it turns it round.

        Items without a value come last, equal ones in the order in which they came.

        Raises:
            CollectionError: no such column; names the nearest one.
        """
        name = (sort or ADDED).removeprefix("-")
        turned = (sort or "").startswith("-")
        if name == ADDED:
            return rows[::-1] if turned else rows
        if name == NAME:
            ranks = self._name_ranks[rows]
        elif name in self.columns:
            ranks = self.columns[name].ranks[rows]
        else:
            known = [ADDED, NAME, *self.columns]
            raise CollectionError(f"no order {name!r}: {did_you_mean(name, known, 'there are ' + ', '.join(known[:30]))}")
        keys = np.where(ranks < 0, np.iinfo(np.int64).max, -ranks if turned else ranks)
        return rows[np.argsort(keys, kind="stable")]


@dataclass
class _Growing:
    """A column while it is read: where it has values, and which."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    codes: array[int] = field(default_factory=lambda: array("i"))
    known: dict[tuple[type, Value], int] = field(default_factory=dict)

    def add(self, row: int, value: Value) -> None:
        self.rows.append(row)
        self.codes.append(self.known.setdefault((type(value), value), len(self.known)))

    def finish(self, count: int) -> Column:
        codes = np.full(count, -1, dtype=np.int32)
        codes[np.frombuffer(self.rows, dtype=np.int64)] = np.frombuffer(self.codes, dtype=np.int32)
        return Column(codes, [value for _, value in self.known])


class ColumnReader:
    """The columns of a store, read once for each of its states; threads share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, str], ItemColumns] | None = None

    def read(self) -> tuple[tuple[int, str], ItemColumns]:
        """The state of the collection, and its columns. Raises `CollectionError` for a damaged file."""
        database = self._store.database
        with self._lock, database.snapshot(), database.explained():
            state = current_generation(database.connection)
            if self._kept is None or self._kept[0] != state:
                self._kept = state, read_columns(self._store)
            return self._kept


def read_columns(store: Store) -> ItemColumns:
    """The columns as they are now."""
    statement = f"SELECT number, uri, {', '.join(TEXTS + NUMBERS)}, attributes FROM items ORDER BY number"
    growing = {name: _Growing() for name in TEXTS + NUMBERS}
    numbers: array[int] = array("q")
    names: list[str] = []
    for row, (number, uri, *values, attributes) in enumerate(store.database.connection.execute(statement)):
        numbers.append(number)
        names.append(from_name(uri).rpartition("/")[2])
        for name, value in zip(TEXTS + NUMBERS, values, strict=True):
            if value is not None:
                growing[name].add(row, value)
        if attributes != "{}":
            for name, value in json.loads(attributes).items():
                if value is not None:
                    called = f"attributes.{name}" if name in COLUMNS or name in (ADDED, NAME) else name
                    growing.setdefault(called, _Growing()).add(row, int(value) if isinstance(value, bool) else value)
    count = len(numbers)
    columns = {name: one.finish(count) for name, one in growing.items()}
    return ItemColumns(np.frombuffer(numbers, dtype=np.int64), columns, names)


def natural(name: str) -> str:
    """What a name is sorted by: without regard to case, and 9 before 10."""
    return DIGITS.sub(_filled, name.casefold())


def _filled(digits: re.Match[str]) -> str:
    return digits[0].zfill(20)


def _order(value: Value) -> tuple[bool, float, str]:
    return (True, 0.0, natural(value)) if isinstance(value, str) else (False, float(value), "")
