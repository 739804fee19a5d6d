"""A collection in memory, by slow loops that follow the definitions of `podoba.collection.vectors`.

It is what the others are compared with, and stands for a vector database where none is started.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.collection import Collection
from podoba.collection.filters.sql import add_text_functions, compile_filter
from podoba.collection.index.nearest import Nearest
from podoba.collection.storage.items import COLUMNS, Item, ItemName, Size, to_row
from podoba.collection.storage.marks import Mark, QueryRecord
from podoba.collection.vectors import Models, Vectors
from podoba.errors import CollectionAway, CollectionError, UnknownItem

LONGEST = 1.005  # length of what counts as a vector of unit length


def number_of(id_: str) -> int:
    """The number of an item: its id as a signed integer of 64 bits."""
    number = int(id_, 16)
    return number - (1 << 64) if number >> 63 else number


@dataclass
class Row:
    """An item with its descriptor (dim,)."""

    item: Item
    descriptor: Floats


class MemoryStore:
    """What the collection holds; while it is `away`, nothing of its items answers."""

    def __init__(self, name: str, models: Models) -> None:
        self.name, self.models = name, models
        self.away = self.closed = False
        self._rows: dict[int, Row] = {}
        self.items, self.descriptors, self.marks = MemoryItems(self), MemoryDescriptors(self), MemoryMarks(self)

    @property
    def rows(self) -> dict[int, Row]:
        """By their numbers, ascending. Raises `CollectionAway`."""
        if self.away:
            raise CollectionAway(f"{self.name}: it does not answer: start it, and try again")
        return dict(sorted(self._rows.items()))

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """As `Searchable.put`."""
        if self.models.card is None:
            raise CollectionError(f"{self.name}: it does not know its model yet")
        if descriptors.shape != (len(items), self.models.dim):
            raise ValueError(f"descriptors must be ({len(items)}, {self.models.dim}), these are {descriptors.shape}")
        if not np.allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-3):
            raise ValueError("descriptors must be of unit length")
        for item, descriptor in zip(items, descriptors, strict=True):
            self._rows[number_of(item.id)] = Row(item, np.array(descriptor, dtype=np.float32))

    def forget(self, numbers: Iterable[int]) -> None:
        """Remove items by their numbers."""
        for number in numbers:
            del self._rows[number]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Nothing is promised."""
        yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Anybody may write."""
        yield

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


class MemoryItems:
    """As `Items`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __len__(self) -> int:
        return len(self._store.rows)

    def count(self, where: str | None = None) -> int:
        return len(self.numbers(where))

    def get(self, id_: str) -> Item:
        return self._store.rows[self.number(id_)].item

    def known(self, ids: Iterable[str]) -> dict[str, Item]:
        wanted = set(ids)
        return {row.item.id: row.item for row in self._store.rows.values() if row.item.id in wanted}

    def first(self, count: int, where: str | None = None) -> list[Item]:
        return [self._store.rows[number].item for number in self.numbers(where)[:count].tolist()]

    def number(self, id_: str) -> int:
        for number, row in self._store.rows.items():
            if row.item.id == id_:
                return number
        raise UnknownItem(f"{self._store.name}: no item of id {id_!r}")

    def numbers(self, where: str | None = None) -> Indices:
        """By the other dialect of filters, which is their definition: each item alone in a table of SQLite."""
        condition, values = compile_filter(where, self.attribute_names())
        connection = sqlite3.connect(":memory:")
        add_text_functions(connection)
        connection.execute(f"CREATE TABLE items ({', '.join(['number', *COLUMNS])})")
        for number, row in self._store.rows.items():
            places = ", ".join("?" * (len(COLUMNS) + 1))
            connection.execute(f"INSERT INTO items VALUES ({places})", [number, *to_row(row.item, 0)])
        found = connection.execute(f"SELECT number FROM items WHERE {condition} ORDER BY number", values).fetchall()
        connection.close()
        return np.array([number for (number,) in found], dtype=np.int64)

    def same_as(self, id_: str, content: str) -> Indices:
        rows = self._store.rows.items()
        alike = [number for number, row in rows if row.item.id == id_ or (content and row.item.content == content)]
        return np.array(alike, dtype=np.int64)

    def names_and_sizes_of(self, numbers: Iterable[int]) -> list[tuple[ItemName, Size]]:
        found = []
        for number in numbers:
            if int(number) not in self._store.rows:
                raise CollectionError(f"{self._store.name}: items are missing")
            item = self._store.rows[int(number)].item
            found.append((ItemName(item.id, item.uri, item.label), (item.width, item.height)))
        return found

    def of_numbers(self, numbers: Iterable[int]) -> dict[int, Item]:
        wanted = {int(number) for number in numbers}
        return {number: row.item for number, row in self._store.rows.items() if number in wanted}

    def attribute_names(self) -> list[str]:
        return sorted({name for row in self._store.rows.values() for name in row.item.attributes})

    def remove(self, ids: Sequence[str] = (), where: str | None = None) -> int:
        chosen = set() if where is None else set(self.numbers(where).tolist())
        chosen |= {number for number, row in self._store.rows.items() if row.item.id in ids}
        self._store.forget(chosen)
        return len(chosen)


class MemoryDescriptors:
    """As `Descriptors`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def get(self, id_: str) -> Floats:
        return self._store.rows[self._store.items.number(id_)].descriptor

    def of_numbers(self, numbers: Indices) -> Floats:
        rows = self._store.rows
        if any(int(number) not in rows for number in numbers):
            raise CollectionError(f"{self._store.name}: items have lost their descriptors")
        return np.array([rows[int(number)].descriptor for number in numbers], dtype=np.float32).reshape(
            -1, self._store.models.dim
        )

    def sample(self, count: int, seed: int = 0, *, without: Sequence[int] = ()) -> Floats:
        numbers = np.array([number for number in self._store.rows if number not in set(without)], dtype=np.int64)
        chosen = np.random.default_rng(seed).choice(numbers, count, replace=False) if len(numbers) > count else numbers
        return self.of_numbers(chosen)


class MemoryMarks:
    """As `Marks`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._queries: dict[str, QueryRecord] = {}
        self._marks: dict[tuple[str, str], tuple[str, bool]] = {}  # by query and picture, the latest last: uri and verdict

    def put(self, query: QueryRecord, verdicts: Mapping[int, bool]) -> None:
        self._queries[query.key] = query
        for number, right in verdicts.items():
            item = self._store.rows[number].item
            self._marks.pop((query.key, item.picture), None)
            self._marks[query.key, item.picture] = item.uri, right

    def select(self) -> list[Mark]:
        marks = []
        for key, query in self._queries.items():
            for (of, picture), (uri, right) in self._marks.items():
                if of == key:
                    ids = [row.item.id for row in self._store.rows.values() if row.item.picture == picture]
                    id_ = ids[0] if ids else None
                    marks.append(Mark(key, query.name, picture, uri, id_, right, "2026-01-01T00:00:00", ""))
        return marks

    def queries(self) -> list[QueryRecord]:
        return list(self._queries.values())

    def verdicts(self, queries: Sequence[str]) -> dict[int, bool]:
        found = {}
        for (query, picture), (_, right) in self._marks.items():
            for number, row in self._store.rows.items():
                if query in queries and row.item.picture == picture:
                    found[number] = right
        return found

    def remove(self, query: str | None = None, numbers: Indices | Sequence[int] = ()) -> int:
        pictures = {self._store.rows[int(number)].item.picture for number in numbers}
        gone = [
            (key, picture)
            for key, picture in self._marks
            if query is None or (key == query and (not pictures or picture in pictures))
        ]
        for mark in gone:
            del self._marks[mark]
        self._queries = {key: record for key, record in self._queries.items() if any(of == key for of, _ in self._marks)}
        return len(gone)


class MemoryVectors:
    """As `Vectors`, every item compared with every query."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def nearest(
        self, descriptors: Floats, k: int, where: str | None = None, *, carry: bool = False, exact: bool = False
    ) -> Nearest:
        queries, dim = np.atleast_2d(np.asarray(descriptors, dtype=np.float32)), self.store.models.dim
        if k < 1:
            raise ValueError(f"k must be at least 1, it is {k}")
        if queries.ndim != 2 or queries.shape[1] != dim:
            raise ValueError(f"descriptors must be ({dim},) or (n, {dim}), these are {np.shape(descriptors)}")
        if not (np.linalg.norm(queries, axis=1) <= LONGEST).all():
            raise ValueError("descriptors must be of unit length")
        rows, chosen, found = self.store.rows, self.store.items.numbers(where).tolist(), []
        for query in queries.astype(np.float64):
            compared = [(-float(query @ rows[number].descriptor.astype(np.float64)), number) for number in chosen]
            found.append(sorted(compared)[:k])
        numbers = np.array([[number for _, number in row] for row in found], dtype=np.int64).reshape(len(queries), -1)
        similarities = np.array([[-one for one, _ in row] for row in found], dtype=np.float32).reshape(numbers.shape)
        carried = self.store.descriptors.of_numbers(numbers.ravel()).reshape(*numbers.shape, dim) if carry else None
        return Nearest(numbers, similarities, True, carried)

    def sample(self, count: int) -> Floats:
        numbers = np.array(list(self.store.rows), dtype=np.int64)
        chosen = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).astype(np.int64)
        return self.store.descriptors.of_numbers(numbers[chosen])


def copied(collection: Collection, name: str) -> MemoryVectors:
    """All items of a collection, with their descriptors and of its model, in memory."""
    store = MemoryStore(name, collection.store.models)
    vectors = collection.vectors()
    items = collection.store.items.of_numbers(vectors.numbers.tolist())
    store.put([items[number] for number in vectors.numbers.tolist()], vectors.matrix)
    return MemoryVectors(store)


FULFILLED: type[Vectors] = MemoryVectors
"""For the type checker."""
