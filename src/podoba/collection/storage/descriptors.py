"""The descriptors of the items, and how they are read from a collection's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.storage.checksums import STORED, descriptor_rows, of_descriptor
from podoba.collection.storage.database import Database
from podoba.collection.storage.generations import TOUCH
from podoba.collection.storage.items import ItemTable
from podoba.collection.storage.models import ModelTable
from podoba.errors import CollectionError

BLOCK = 4096  # rows read at once, which are in memory twice while loading
SPARSE = 10  # times as many numbers as are drawn, from which on they are tried at random
TOGETHER = 500  # numbers bound in one statement, far below the most that SQLite binds
ALL = "SELECT item, vector, checksum FROM descriptors ORDER BY item"


@dataclass(frozen=True)
class LoadedDescriptors:
    """Descriptors and the items they belong to.

    Attributes:
        numbers: int64 (n,), ascending: `items.number`.
        matrix: float32 (n, dim), unit length.
    """

    numbers: Indices
    matrix: Floats

    def take(self, numbers: Indices) -> LoadedDescriptors:
        """Those of some items; all of `numbers` (ascending) must be here."""
        if len(numbers) == len(self.numbers):
            return self
        return LoadedDescriptors(numbers, self.matrix[np.searchsorted(self.numbers, numbers)])


class DescriptorTable:
    """The descriptors of a collection's items."""

    def __init__(self, database: Database, items: ItemTable, models: ModelTable) -> None:
        self._database, self._items, self._models = database, items, models

    def get(self, id_: str) -> Floats:
        """The descriptor (dim,), float32, of one item. Raises `CollectionError` where there is none of this id."""
        with self._database.snapshot():
            vectors = self._load("number = ?", [self._items.number(id_)])
        if not len(vectors.matrix):
            raise CollectionError(f"{self._database.path}: item {id_} has lost its descriptor: remove it and index again")
        descriptor: Floats = vectors.matrix[0]
        return descriptor

    def of_numbers(self, numbers: Indices) -> Floats:
        """The descriptors (n, dim), float32, of the items of these numbers, in their order.

        Raises:
            CollectionError: one of them is missing or damaged.
        """
        wanted, places = np.unique(numbers, return_inverse=True)
        with self._database.snapshot():
            parts = [part for _, part in self.parts_of(wanted)]
            matrix = np.concatenate([np.empty((0, self._models.dim), dtype=np.float32), *parts])
        if len(matrix) != len(wanted):
            path = self._database.path
            raise CollectionError(f"{path}: items have lost their descriptors: `podoba check {path}` names them")
        return matrix[places]

    def sample(self, count: int, seed: int = 0, *, without: Sequence[int] = ()) -> Floats:
        """The descriptors of `count` items drawn without replacement, or of all where there are fewer; not of some numbers."""
        rng = np.random.default_rng(seed)
        largest = self._database.number("SELECT coalesce(max(item), 0) FROM descriptors")
        numbers = np.empty(0, dtype=np.int64)
        if largest >= SPARSE * count:  # all numbers of a large collection take longer to read than a few at random
            tried = json.dumps((rng.choice(largest, 2 * count + len(without), replace=False) + 1).tolist())
            numbers = np.setdiff1d(self._numbers("WHERE item IN (SELECT value FROM json_each(?))", tried), without)
        if len(numbers) < count:  # a small collection, or one from which most was removed
            numbers = np.setdiff1d(self._numbers(), without)
        return self.of_numbers(rng.choice(numbers, count, replace=False) if len(numbers) > count else numbers)

    def _numbers(self, condition: str = "", *values: str) -> Indices:
        """Numbers (n,), ascending, of the items that have a descriptor, all or those of an SQL condition."""
        rows = self._database.rows(f"SELECT item FROM descriptors {condition} ORDER BY item", values)
        return np.array([row[0] for row in rows], dtype=np.int64)

    def checksums(self) -> tuple[Indices, Indices]:
        """Numbers (n,), ascending, of the items that have a descriptor, and the checksums of these (`of_descriptor`)."""
        rows = self._database.rows("SELECT item, checksum FROM descriptors ORDER BY item")
        both = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def load(self, where: str | None = None) -> LoadedDescriptors:
        """Numbers and descriptors of all items or those of a filter, in memory, in the order of the numbers.

        Raises:
            CollectionError: a wrong filter, a descriptor that is not what was written.
        """
        with self._database.snapshot():
            return self._load(*self._items.condition(where))

    def parts(self) -> Iterator[tuple[Indices, Floats]]:
        """All descriptors, as parts (numbers (n,), matrix (n, dim)) in the order of the numbers; inside a snapshot."""
        return self._parts(ALL)

    def parts_of(self, numbers: Indices) -> Iterator[tuple[Indices, Floats]]:
        """As `parts`, of the items of these numbers (ascending); those without a descriptor are missing."""
        for start in range(0, len(numbers), TOGETHER):
            some = numbers[start : start + TOGETHER].tolist()
            places = ", ".join("?" * len(some))
            yield from self._parts(f"SELECT item, vector, checksum FROM descriptors WHERE item IN ({places}) ORDER BY item", some)

    def put(self, ids: Sequence[str], descriptors: Floats) -> None:
        """Inside a transaction: store the descriptors (n, dim) of the items of these ids in the place of earlier ones."""
        numbers = self._items.numbers_of(ids)
        generation = self._database.generation + 1
        self._database.execute_many("INSERT OR REPLACE INTO descriptors VALUES (?, ?, ?)", descriptor_rows(numbers, descriptors))
        self._database.execute_many(f"{TOUCH} WHERE number = ?2", [(generation, number) for number in numbers])
        if self._models.next_name is not None:
            self._database.execute_many("DELETE FROM next_descriptors WHERE item = ?", [(number,) for number in numbers])

    def _load(self, condition: str, values: Sequence[Any]) -> LoadedDescriptors:
        """The descriptors of the items that an SQL condition lets through; inside a snapshot, since rows are counted first."""
        if condition == "1":
            count, statement = "SELECT count(*) FROM descriptors", ALL
        else:
            chosen = f"FROM items JOIN descriptors ON item = number WHERE {condition}"
            count, statement = f"SELECT count(*) {chosen}", f"SELECT item, vector, descriptors.checksum {chosen} ORDER BY number"
        total = self._database.number(count, values)
        numbers = np.empty(total, dtype=np.int64)
        matrix = np.empty((total, self._models.dim), dtype=np.float32)
        start = 0
        for some, part in self._parts(statement, values):
            stop = start + len(some)
            numbers[start:stop], matrix[start:stop] = some, part
            start = stop
        return LoadedDescriptors(numbers[:start], matrix[:start])

    def _parts(self, statement: str, values: Sequence[Any] = ()) -> Iterator[tuple[Indices, Floats]]:
        """Parts of the rows (item, vector, checksum) that a statement gives; few are in memory at once.

        Raises:
            CollectionError: a descriptor that is not what was written.
        """
        path, dim = self._database.path, self._models.dim
        size = dim * STORED.itemsize
        with self._database.explained():
            cursor = self._database.connection.execute(statement, values)
            while block := cursor.fetchmany(BLOCK):
                blobs = [row[1] for row in block]
                if any(len(blob) != size or of_descriptor(blob, item) != checksum for item, blob, checksum in block):
                    raise CollectionError(f"{path}: a descriptor is damaged: `podoba check {path}` names its item")
                numbers = np.array([row[0] for row in block], dtype=np.int64)
                yield numbers, np.frombuffer(b"".join(blobs), dtype=STORED).reshape(len(block), dim)
