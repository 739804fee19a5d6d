"""A collection on disk: items, their attributes and descriptors, and the model that made them."""

from __future__ import annotations

from collections.abc import Collection as Group
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.collection.maintain.check import describe, find_problems
from podoba.collection.maintain.repair import repair
from podoba.collection.search.marks import forget, mark
from podoba.collection.search.query import Part, Query, as_parts, key_of
from podoba.collection.search.results import SearchResult
from podoba.collection.search.search import search
from podoba.collection.search.thumbnails import Thumbnails
from podoba.collection.storage.checksums import seal_of
from podoba.collection.storage.generations import TOUCH
from podoba.collection.storage.items import COLUMNS, Item, from_row, to_row
from podoba.collection.storage.marks import MarkStore
from podoba.collection.storage.schema import connect
from podoba.collection.transfer.backup import copy_file
from podoba.errors import CollectionError
from podoba.files import from_name, to_name
from podoba.models.encoder import Encoder
from podoba.progress import OnProgress

BOUND = [f"?{place}" for place in range(1, len(COLUMNS) + 1)]
GENERATION = f"?{len(COLUMNS) + 1}"
SELECTED = f"{', '.join(f'items.{name}' for name in COLUMNS)}, items.seal IS {seal_of(f'items.{name}' for name in COLUMNS)}"
ADD = (
    f"INSERT INTO items ({', '.join(COLUMNS)}, generation, seal) VALUES ({', '.join(BOUND)}, {GENERATION}, {seal_of(BOUND)}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in [*COLUMNS, 'generation', 'seal'])}"
)
CHANGE = (
    f"UPDATE items SET {', '.join(f'{name} = {value}' for name, value in zip(COLUMNS, BOUND, strict=True))}, "
    f"generation = {GENERATION}, seal = {seal_of(BOUND)} WHERE id = ?{len(COLUMNS) + 2}"
)


class Collection(MarkStore):
    """One SQLite file: `Collection.open(path)`; used as a context it is closed at the end.

    Any number of processes may read while one writes. An object is for one thread.
    """

    @classmethod
    def open(cls, path: str | Path, *, create: bool = False, read_only: bool = False) -> Collection:
        """Open the collection in a file.

        Raises:
            CollectionError: missing (unless `create`), damaged, foreign or newer file.
        """
        path = Path(path).expanduser()
        return cls(path, connect(path, create=create, read_only=read_only), read_only)

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Items.

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """Add items with their descriptors (n, dim), float32, unit length; an item of the same id is replaced.

        Raises:
            CollectionError: no model was claimed.
            ValueError: descriptors of another shape, or not of unit length.
        """
        card = self.card
        if card is None:
            raise CollectionError(f"{self.path}: it does not know its model yet: claim one before items are put")
        if descriptors.shape != (len(items), card.dim):
            raise ValueError(f"descriptors must be ({len(items)}, {card.dim}), these are {descriptors.shape}")
        if not np.allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-3):
            raise ValueError("descriptors must be of unit length")
        with self.transaction():
            generation = self.generation + 1
            sources = self._source_numbers(items)
            self._execute_many(ADD, [(*to_row(item, sources[item.source]), generation) for item in items])
            self._keep_descriptors([item.id for item in items], descriptors, generation)
            self._changed(items)

    def change(self, changes: Sequence[tuple[str, Item]]) -> None:
        """Give items of these ids other facts, and by them another id where they moved; descriptors stay as they are."""
        with self.transaction():
            generation = self.generation + 1
            sources = self._source_numbers([item for _, item in changes])
            self._execute_many(CHANGE, [(*to_row(item, sources[item.source]), generation, id_) for id_, item in changes])
            self._changed([item for _, item in changes])

    def remove(self, ids: Sequence[str] = (), where: str | None = None) -> int:
        """Forget the items of these ids and those of a filter; the images themselves stay where they are.

        Returns:
            how many there were.
        """
        with self.transaction():
            before, generation = len(self), self.generation + 1
            if where is not None:
                condition, values = self._filter(where)
                numbers = [row[0] for row in self._rows(f"SELECT number FROM items WHERE {condition}", values)]
                self._execute_many(f"{TOUCH} WHERE number = ?2", [(generation, number) for number in numbers])
                self._execute_many("DELETE FROM items WHERE number = ?", [(number,) for number in numbers])
            self._execute_many(f"{TOUCH} WHERE id = ?2", [(generation, id_) for id_ in ids])
            self._execute_many("DELETE FROM items WHERE id = ?", [(id_,) for id_ in ids])
            count = before - len(self)
            self._touched |= count > 0
            return count

    def items(self, where: str | None = None) -> list[Item]:
        """The items, all or those of a filter, in the order in which they came."""
        condition, values = self._filter(where)
        return self._items(f"SELECT {SELECTED} FROM items WHERE {condition} ORDER BY number", values)

    def count(self, where: str | None = None) -> int:
        """How many items there are, all or those of a filter."""
        condition, values = self._filter(where)
        return int(self._rows(f"SELECT count(*) FROM items WHERE {condition}", values)[0][0])

    def item(self, id_: str) -> Item:
        """One item. Raises `CollectionError` where there is none of this id."""
        found = self._items(f"SELECT {SELECTED} FROM items WHERE id = ?", [id_])
        if not found:
            raise CollectionError(f"{self.path}: no item of id {id_!r}: ids are printed by `podoba search --json`")
        return found[0]

    def numbered(self, numbers: Iterable[int]) -> list[Item]:
        """The items of these numbers (`Vectors.numbers`), in that order."""
        return [self._items(f"SELECT {SELECTED} FROM items WHERE number = ?", [int(number)])[0] for number in numbers]

    def with_content(self, content: str) -> Item | None:
        """An item whose image has exactly these bytes (sha256)."""
        found = self.all_with_content(content, 1)
        return found[0] if found else None

    def all_with_content(self, content: str, limit: int) -> list[Item]:
        """The items whose image has exactly these bytes (sha256), the first ones."""
        return self._items(f"SELECT {SELECTED} FROM items WHERE content = ? ORDER BY number LIMIT ?", [content, limit])

    def search(
        self,
        query: Query | Part | Sequence[Query | Part],
        *,
        unwanted: Query | Part | Sequence[Query | Part] = (),
        encoder: Encoder | None = None,
        k: int = 10,
        where: str | None = None,
        min_probability: float | None = None,
        diversity: float = 0.0,
        rerank: str | None = None,
        feedback: str | None = None,
    ) -> SearchResult:
        """The k items most similar to a query; everything as in `podoba.collection.search.search.search`."""
        return search(
            self, query, unwanted=unwanted, encoder=encoder, k=k, where=where,
            min_probability=min_probability, diversity=diversity, rerank=rerank, feedback=feedback,
        )  # fmt: skip

    # Marks.

    def mark(
        self, query: Query | Part, *, right: Group[str] = (), wrong: Group[str] = (), encoder: Encoder | None = None
    ) -> None:
        """Keep that items, by their ids, are right or wrong as answers to a query; as `podoba.collection.search.marks.mark`."""
        mark(self, query, right, wrong, encoder)

    def key_of(self, query: Query | Part) -> str:
        """What the marks of a query are kept under (`Mark.query`): its content. Raises as `mark`."""
        return key_of(self, as_parts(query)[0])

    def forget(self, query: Query | Part | None = None, ids: Group[str] = ()) -> int:
        """Forget marks: of some items of a query, of a query, or all. Returns how many there were."""
        return forget(self, query, ids)

    # What was skipped.

    def skipped(self) -> dict[str, tuple[str | None, str]]:
        """Images that could not be read: uri to the file's stamp and the reason."""
        rows = self._rows("SELECT uri, stamp, reason FROM skipped")
        return {from_name(uri): (stamp, reason) for uri, stamp, reason in rows}

    def remember_skipped(self, rows: Iterable[tuple[str, str | None, str]]) -> None:
        """Note (uri, stamp, reason) of unreadable images, so that they are tried again only when changed."""
        with self.transaction():
            statement = "INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)"
            self._execute_many(statement, [(to_name(uri), stamp, reason) for uri, stamp, reason in rows])

    def forget_skipped(self, uris: Iterable[str]) -> None:
        """Drop notes of images that are gone or now readable."""
        with self.transaction():
            self._execute_many("DELETE FROM skipped WHERE uri = ?", [(to_name(uri),) for uri in uris])

    # The whole.

    def info(self) -> dict[str, Any]:
        """What `podoba info --json` prints: number of items, dim, model, bytes, index ..."""
        with self.snapshot(), self._explained():
            return describe(self, self._connection)

    def check(self) -> list[str]:
        """What is wrong with the file, its images or its cache, a line each; empty where all is well."""
        return find_problems(self, self._connection)

    def repair(self, on_progress: OnProgress | None = None) -> list[str]:
        """Mend what can be mended: damaged rows are forgotten, the cache is made anew. Returns a line for each thing done.

        Raises:
            CollectionError: another process is writing, or the damage is beyond mending.
        """
        with self.writing(), self._explained():
            return repair(self, self._connection, on_progress)

    def note_change(self, changed: bool) -> None:
        """Inside a transaction: whether rows were changed, so that a new generation begins."""
        self._touched |= changed

    @property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of the items, kept in the cache folder."""
        return Thumbnails(self.cache.folder)

    def copy_to(self, path: str | Path) -> None:
        """Write the collection as it stands at this moment into a new file, also while another process writes to it.

        Raises:
            CollectionError: there is such a file already, or it cannot be written.
        """
        copy_file(self._connection, self.path, Path(path))

    def _source_numbers(self, items: Iterable[Item]) -> dict[str, int]:
        numbers = {}
        for root in {item.source for item in items}:
            name = to_name(root)
            self._execute("INSERT OR IGNORE INTO sources (root) VALUES (?)", [name])
            numbers[root] = int(self._rows("SELECT number FROM sources WHERE root = ?", [name])[0][0])
        return numbers

    def _changed(self, items: Sequence[Item]) -> None:
        self._touched |= bool(items)
        names = {name for item in items for name in item.attributes}
        self._execute_many("INSERT OR IGNORE INTO attribute_names VALUES (?)", [(name,) for name in names])

    def _items(self, statement: str, values: Sequence[Any]) -> list[Item]:
        rows = self._rows(statement, values)
        numbers = {row[COLUMNS.index("source")] for row in rows}
        try:
            sources = {n: from_name(self._rows("SELECT root FROM sources WHERE number = ?", [n])[0][0]) for n in numbers}
            if not all(row[-1] for row in rows):
                raise ValueError("a row that is not what was written")
            return [from_row(row[:-1], sources) for row in rows]
        except (ValueError, LookupError, TypeError) as error:
            raise CollectionError(f"{self.path}: an item is damaged ({error}): restore the file from a copy") from error
