"""What was marked right and wrong, in a collection's file: by the content of the images, so that it outlives items and models."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.storage.checksums import STORED, checksum_of, to_blob
from podoba.collection.storage.database import Database
from podoba.collection.storage.items import BY_ID
from podoba.errors import CollectionError
from podoba.files import from_name, shown, to_name

QUERY = ("query", "name", "descriptor", "fingerprint")
MARK = ("query", "item", "uri", "verdict", "made", "model")
RIGHT, WRONG = "right", "wrong"


@dataclass(frozen=True)
class Mark:
    """That a person found an image right or wrong as an answer to a query.

    Attributes:
        query: key of the query (`QueryRecord.key`).
        query_name: the query in words.
        item: content (sha256) of the image that was marked, or `id:ID` where it is not known.
        uri: of the image when it was marked.
        id: of an item of the collection that is this image now; None where there is none.
        made: when, UTC, as 2021-05-04T12:30:01.
        model: name of the model that had found it.
    """

    query: str
    query_name: str
    item: str
    uri: str
    id: str | None
    right: bool
    made: str
    model: str

    def to_json(self) -> dict[str, Any]:
        """What `podoba mark --list --json` prints."""
        values = asdict(self)
        return {"query": values.pop("query"), "asked": shown(values.pop("query_name"))} | values | {"uri": shown(self.uri)}


@dataclass(frozen=True)
class QueryRecord:
    """A query that results were marked of.

    Attributes:
        key: its content: sha256 of an image's bytes (and the box), of a descriptor, or `id:ID`.
        name: in words.
        descriptor: float32 (dim,), unit length, by the model of this fingerprint.
    """

    key: str
    name: str
    descriptor: Floats
    fingerprint: str


class MarkTable:
    """The marks in a collection's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, query: QueryRecord, verdicts: Mapping[int, bool]) -> None:
        """Keep that items, by their numbers, are right or wrong as answers to a query; a later mark replaces an earlier one."""
        made, model = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00"), self._database.fact("model") or ""
        with self._database.transaction():
            row = [query.key, to_name(query.name), to_blob(query.descriptor), query.fingerprint]
            updated = ", ".join(f"{name} = excluded.{name}" for name in (*QUERY[1:], "checksum"))
            self._database.execute(f"{_insert('queries', QUERY)} ON CONFLICT (query) DO UPDATE SET {updated}", row)
            for number, right in verdicts.items():
                content, id_, uri = self._database.rows("SELECT content, id, uri FROM items WHERE number = ?", [int(number)])[0]
                values = [query.key, content or f"{BY_ID}{id_}", uri, RIGHT if right else WRONG, made, model]
                self._database.execute(_insert("marks", MARK, replace=True), values)

    def select(self) -> list[Mark]:
        """All marks, those of a query together, in the order in which they were made. Raises `CollectionError` for damage."""
        with self._database.snapshot():
            return [self._mark(row) for row in self._marked("TRUE", [])]

    def queries(self) -> list[QueryRecord]:
        """The queries that results were marked of. Raises `CollectionError` for damage."""
        rows = self._rows("queries", QUERY, "TRUE", [])
        return [
            QueryRecord(key, from_name(name), np.frombuffer(blob, STORED), fingerprint) for key, name, blob, fingerprint in rows
        ]

    def verdicts(self, queries: Sequence[str]) -> dict[int, bool]:
        """What was marked of queries, by their keys: numbers of the items, and whether they are right.

        Every item that is the same picture is meant. Marks of pictures that are not in the collection are passed over. Where one
        is right for one query and wrong for another, the later word counts.
        """
        places = ", ".join("?" * len(queries))
        with self._database.snapshot():
            rows = sorted(self._marked(f"query IN ({places})", queries), key=lambda row: row[MARK.index("made")])
            return {number: row[MARK.index("verdict")] == RIGHT for row in rows for number in self.numbers_of(row[1])}

    def remove(self, query: str | None = None, numbers: Indices | Sequence[int] = ()) -> int:
        """Forget marks: all of them, those of a query by its key, or only those of some items of it. Returns how many."""
        with self._database.transaction():
            before = self._mark_count()
            if query is None:
                self._database.execute("DELETE FROM marks")
            elif not len(numbers):
                self._database.execute("DELETE FROM marks WHERE query = ?", [query])
            for number in numbers:
                for content, id_ in self._database.rows("SELECT content, id FROM items WHERE number = ?", [int(number)]):
                    self._database.execute("DELETE FROM marks WHERE query = ? AND item = ?", [query, content or f"{BY_ID}{id_}"])
            self._database.execute("DELETE FROM queries WHERE query NOT IN (SELECT query FROM marks)")
            return before - self._mark_count()

    def damaged(self) -> int:
        """How many rows of marks are not what was written."""
        return sum(self._count(f"{table} WHERE checksum IS NOT {checksum_of(names)}") for table, names in _TABLES)

    def remove_damaged(self) -> None:
        """Forget the marks that are not what was written, and those of queries that are not."""
        with self._database.transaction():
            for table, names in _TABLES:
                self._database.execute(f"DELETE FROM {table} WHERE checksum IS NOT {checksum_of(names)}")

    def numbers_of(self, item: str) -> list[int]:
        """Numbers, ascending, of the items that are the picture `Mark.item`."""
        column, value = ("id", item.removeprefix(BY_ID)) if item.startswith(BY_ID) else ("content", item)
        return [
            int(row[0]) for row in self._database.rows(f"SELECT number FROM items WHERE {column} = ? ORDER BY number", [value])
        ]

    def _mark(self, row: tuple[Any, ...]) -> Mark:
        query, item, uri, verdict, made, model = row
        name = self._database.rows("SELECT name FROM queries WHERE query = ?", [query])[0][0]
        numbers = self.numbers_of(item)
        id_ = str(self._database.rows("SELECT id FROM items WHERE number = ?", numbers[:1])[0][0]) if numbers else None
        return Mark(query, from_name(name), item, from_name(uri), id_, verdict == RIGHT, made, model)

    def _marked(self, condition: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._rows(
            "marks", MARK, f"{condition} ORDER BY (SELECT rowid FROM queries WHERE query = marks.query), rowid", values
        )

    def _rows(self, table: str, names: Sequence[str], condition: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        rows = self._database.rows(
            f"SELECT {', '.join(names)}, checksum IS {checksum_of(names)} FROM {table} WHERE {condition}", values
        )
        if not all(row[-1] for row in rows):
            path = self._database.path
            raise CollectionError(f"{path}: a mark is damaged: `podoba check {path} --repair` forgets it, or restore a copy")
        return [row[:-1] for row in rows]

    def _mark_count(self) -> int:
        return self._count("marks")

    def _count(self, what: str) -> int:
        return self._database.number(f"SELECT count(*) FROM {what}")


_TABLES = (("queries", QUERY), ("marks", MARK))


def _insert(table: str, names: Sequence[str], *, replace: bool = False) -> str:
    bound = [f"?{place}" for place in range(1, len(names) + 1)]
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    return f"{verb} INTO {table} ({', '.join(names)}, checksum) VALUES ({', '.join(bound)}, {checksum_of(bound)})"
