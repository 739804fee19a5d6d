"""The descriptors in a collection's file: how they are kept, and the search among them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.collection.filters import compile_filter
from podoba.collection.index.exact import Choice, Nearest, Numbers, Rows
from podoba.collection.index.files import IndexCache
from podoba.collection.index.open_view import open_gallery
from podoba.collection.index.refresh import refresh
from podoba.collection.index.view import Gallery
from podoba.collection.storage.checksums import seal_descriptor, unsound_items
from podoba.collection.storage.database import Database
from podoba.collection.storage.descriptors import Vectors, load_vectors, to_blob
from podoba.collection.storage.generations import TOUCH, current_moment
from podoba.collection.storage.schema import CHECKED, damaged
from podoba.errors import CollectionError
from podoba.models.card import Card
from podoba.progress import OnProgress

FILTERS_HELD = 16
TOGETHER = 500  # numbers bound in one statement
TARGET = 0.99  # recall@10 of an index


class DescriptorStore(Database):
    """A collection's file as a set of descriptors with numbers."""

    def __init__(self, path: Path, connection: sqlite3.Connection, read_only: bool = False) -> None:
        super().__init__(path, connection, read_only)
        self.cache = IndexCache(path)
        self._held: tuple[tuple[int, str, int], Gallery] | None = None  # all descriptors, as they were in a state
        self._chosen: dict[str, tuple[Choice, Choice | None]] = {}  # its rows by filter
        self._looked_through = False
        self._counted: tuple[tuple[int, str], int] | None = None  # items at a moment

    def __len__(self) -> int:
        if self._open == "writing":
            return int(self._rows("SELECT count(*) FROM items")[0][0])
        with self.snapshot(), self._explained():
            moment = current_moment(self._connection)
            if self._counted is None or self._counted[0] != moment:
                self._counted = moment, int(self._rows("SELECT count(*) FROM items")[0][0])
            return self._counted[1]

    @property
    def card(self) -> Card | None:
        """The card of the collection's model; None while it has none."""
        text = self.fact("card")
        return None if text is None else Card.from_json(text)

    def fact(self, key: str) -> str | None:
        """A remembered fact: `model` (its name), `path` (of its file), `fingerprint`, `card`."""
        rows = self._rows("SELECT value FROM facts WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def attribute_names(self) -> list[str]:
        """Names of the attributes that items of this collection have or had."""
        return [str(row[0]) for row in self._rows("SELECT name FROM attribute_names ORDER BY name")]

    def descriptor(self, id_: str) -> Floats:
        """The descriptor (dim,), float32, of one item. Raises `CollectionError` where there is none of this id."""
        with self.snapshot(), self._explained():
            found = load_vectors(self._connection, self.path, self._dim, "number = ?", [self.number(id_)])
        if not len(found.matrix):
            raise CollectionError(f"{self.path}: item {id_} has lost its descriptor: remove it and index again")
        descriptor: Floats = found.matrix[0]
        return descriptor

    def descriptors(self, numbers: Numbers) -> Floats:
        """The descriptors (n, dim), float32, of the items of these numbers, in their order.

        Raises:
            CollectionError: one of them is missing or damaged.
        """
        wanted, places = np.unique(numbers, return_inverse=True)
        parts = [np.empty((0, self._dim), dtype=np.float32)]
        with self.snapshot(), self._explained():
            for start in range(0, len(wanted), TOGETHER):
                some = wanted[start : start + TOGETHER].tolist()
                condition = f"number IN ({', '.join('?' * len(some))})"
                parts.append(load_vectors(self._connection, self.path, self._dim, condition, some).matrix)
        found = np.concatenate(parts)
        if len(found) != len(wanted):
            raise CollectionError(f"{self.path}: items have lost their descriptors: `podoba check {self.path}` names them")
        return found[places]

    def sample(self, count: int, seed: int = 0, *, without: Sequence[int] = ()) -> Floats:
        """The descriptors of `count` items drawn without replacement, or of all where there are fewer; not of some numbers."""
        numbers = np.array([row[0] for row in self._rows("SELECT item FROM descriptors ORDER BY item")], dtype=np.int64)
        if without:
            numbers = np.setdiff1d(numbers, without)
        if len(numbers) > count:
            numbers = np.random.default_rng(seed).choice(numbers, count, replace=False)
        return self.descriptors(numbers)

    def vectors(self, where: str | None = None) -> Vectors:
        """Numbers and descriptors of all items or those of a filter, in the order of the numbers.

        All of them are held for the next call; of a large collection they lie in the mapped file of its cache, where that is
        fresh, and else in memory.

        Raises:
            CollectionError: a wrong filter, a damaged file.
        """
        with self.snapshot(), self._explained():
            gallery = self._gallery(load=where is None)
            if gallery is None:
                return load_vectors(self._connection, self.path, self._dim, *self._filter(where))
            try:
                found = gallery.take(None if where is None else self._numbers(where))
            except ValueError:
                found = self._without_cache().take(None if where is None else self._numbers(where))
            return Vectors(found.numbers, found.matrix)

    def nearest(self, descriptors: Floats, k: int, where: str | None = None) -> Nearest:
        """The k items most similar to each descriptor, most similar first, ties by number.

        Exact in a small collection and under every filter; in a large one by its index, whose recall@10 `info` tells. What came
        since the index was built is compared beside it.

        Args:
            descriptors: float32 (Q, dim) or (dim,), unit length.
            where: only items of this filter (`compile_filter`), which is evaluated before the search.

        Returns:
            numbers int64 (Q, k), similarities float32 (Q, k), exact; fewer columns where fewer items were to be found.

        Raises:
            CollectionError: a wrong filter, a damaged file.
            ValueError: k below 1, or descriptors of another shape.
        """
        queries = np.ascontiguousarray(np.atleast_2d(descriptors), dtype=np.float32)
        if k < 1:
            raise ValueError(f"k must be at least 1, it is {k}")
        quick = self._of_held(queries, k) if where is None else None
        if quick is not None:
            return quick
        with self.snapshot(), self._explained():
            dim = self._dim
            if queries.ndim != 2 or queries.shape[1] != dim:
                raise ValueError(f"descriptors must be ({dim},) or (n, {dim}), these are {np.shape(descriptors)}")
            gallery = self._gallery(load=where is None)
            if gallery is None:
                found = load_vectors(self._connection, self.path, dim, *self._filter(where))
                return Gallery(Rows(found.numbers, found.matrix)).nearest(queries, k)
            try:
                return self._ask(gallery, queries, k, where)
            except ValueError:  # the cache is damaged; the file itself is not
                return self._ask(self._without_cache(), queries, k, where)

    def gallery(self) -> Gallery:
        """All descriptors as they are at this moment, held for further questions; `nearest` is asked of it."""
        with self.snapshot(), self._explained():
            found = self._gallery(load=True)
        assert found is not None
        return found

    def refresh_index(self, *, target: float = TARGET, force: bool = False, on_progress: OnProgress | None = None) -> str | None:
        """Derive from a large collection what makes its search fast, where that pays; without it the answers are exact.

        Args:
            target: recall@10 that the index must have.
            force: make everything anew, whatever is there.
            on_progress: called with what is being done, how much of it, and of how much.

        Returns:
            why searching stays exact although the collection is large, or None.

        Raises:
            CollectionError: another process is writing, or the file is damaged.
        """
        with self.writing(), self._explained():
            return refresh(self, self._connection, target, force, on_progress)

    def _of_held(self, queries: Floats, k: int) -> Nearest | None:
        """The answer of the descriptors that are held, which needs only the moment of the file; None where there is none."""
        if self._held is None or self._touched:
            return None
        state, gallery = self._held
        with self._explained():
            if state != self._state() or gallery.dim != queries.shape[-1]:
                return None
        try:
            return gallery.nearest(queries, k)
        except ValueError:  # damaged
            return None

    def _ask(self, gallery: Gallery, queries: Floats, k: int, where: str | None) -> Nearest:
        if where is None:
            return gallery.nearest(queries, k)
        chosen = self._chosen.get(where)
        if chosen is None or self._touched:
            chosen = gallery.choose(self._numbers(where))
            while len(self._chosen) >= FILTERS_HELD:
                self._chosen.pop(next(iter(self._chosen)))
            self._chosen[where] = chosen
        return gallery.nearest_among(queries, k, chosen)

    def _gallery(self, *, load: bool) -> Gallery | None:
        """All descriptors of this moment: held, or from the cache, or else, where asked for, read into memory."""
        state = self._state()
        if self._touched:  # inside a transaction that may yet come to nothing
            return None if not load else self._in_memory()
        if self._held is not None and self._held[0] == state:
            return self._held[1]
        self._held, self._chosen = None, {}
        found = open_gallery(self._connection, self.path, self.cache, self.fact("fingerprint"), self._dim)
        if found is None and load:
            found = self._in_memory()
        if found is not None:
            self._held = state, found
        return found

    def _in_memory(self) -> Gallery:
        found = load_vectors(self._connection, self.path, self._dim)
        return Gallery(Rows(found.numbers, found.matrix))

    def _without_cache(self) -> Gallery:
        """All descriptors as the file itself has them, for as long as it stays as it is."""
        found = self._in_memory()
        self._held, self._chosen = (self._state(), found), {}
        return found

    def _state(self) -> tuple[int, str, int]:
        """What changes with the descriptors, and with the cache of them."""
        return *current_moment(self._connection), self.cache.version()

    def _numbers(self, where: str) -> Numbers:
        """Numbers, ascending, of the items of a filter."""
        condition, values = self._filter(where)
        rows = self._rows(f"SELECT number FROM items WHERE {condition} ORDER BY number", values)
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def _keep_descriptors(self, ids: Sequence[str], descriptors: Floats, generation: int) -> None:
        numbers = self._numbers_of(ids)
        self._execute_many("INSERT OR REPLACE INTO descriptors VALUES (?, ?, ?)", sealed_rows(numbers, descriptors))
        rows = [(generation, number) for number in numbers]
        self._execute_many(f"{TOUCH} WHERE number = ?2", rows)
        if self.fact("next.model") is not None:
            self._execute_many("DELETE FROM next_descriptors WHERE item = ?", [(number,) for number in numbers])

    def number(self, id_: str) -> int:
        """`items.number` of an id. Raises `CollectionError` where there is none of it."""
        rows = self._rows("SELECT number FROM items WHERE id = ?", [id_])
        if not rows:
            raise CollectionError(f"{self.path}: no item of id {id_!r}: ids are printed by `podoba search --json`")
        return int(rows[0][0])

    def _numbers_of(self, ids: Sequence[str]) -> list[int]:
        """As `number`, of many."""
        statement = "SELECT id, number FROM items WHERE id IN (SELECT value FROM json_each(?))"
        found = dict(self._rows(statement, [json.dumps(ids)]))
        return [int(found[id_]) if id_ in found else self.number(id_) for id_ in ids]

    @property
    def _dim(self) -> int:
        card = self.card
        return 0 if card is None else card.dim

    def _filter(self, where: str | None) -> tuple[str, list[Any]]:
        """The condition of a filter. Before the first one the items are looked through: a flipped bit would leave one out."""
        if where is None:
            return compile_filter(None)
        condition = compile_filter(where, self.attribute_names())
        if not self._looked_through and self.path.stat().st_size <= CHECKED:
            with self._explained():
                problem = unsound_items(self._connection)
            if problem is not None:
                raise damaged(self.path, problem)
            self._looked_through = True
        return condition


def sealed_rows(numbers: Iterable[int], descriptors: Iterable[Floats]) -> Iterator[tuple[int, bytes, int]]:
    """Rows of a table of descriptors."""
    for number, descriptor in zip(numbers, descriptors, strict=True):
        blob = to_blob(descriptor)
        yield number, blob, seal_descriptor(blob, number)
