"""Transactions on a collection's file, and SQLite's errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from podoba.collection.storage.checksums import seal_facts
from podoba.collection.storage.generations import begin_moment
from podoba.collection.storage.lock import only_writer
from podoba.collection.storage.schema import connect, explain
from podoba.errors import CollectionError


class Database:
    """An open file: one transaction per batch, one writer at a time, readers beside it.

    Attributes:
        connection: of SQLite, for statements that return more than a list of rows.
        changed: whether the open transaction changed items or descriptors, so that a new generation begins with it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self.connection = connection
        self.changed = False
        self._holds_lock = False
        self._open: Literal["", "reading", "writing"] = ""  # what transaction is open

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_only: bool = False) -> Database:
        """Open a collection's file. Raises `CollectionError` as `connect`."""
        return cls(path, connect(path, create=create, read_only=read_only), read_only)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @property
    def generation(self) -> int:
        """Counts the transactions that changed items: what is derived from the collection is stale where it differs."""
        return int(self.fact("generation") or 0)

    @property
    def is_writing(self) -> bool:
        """Whether a transaction that may write is open."""
        return self._open == "writing"

    def fact(self, key: str) -> str | None:
        """A fact about the collection, or None: `generation`; `model`, `path`, `fingerprint`, `card` of its model."""
        rows = self.rows("SELECT value FROM facts WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write, as one process at a time may; it ends with the process, however that ends.

        Raises:
            CollectionError: another process is writing, or this collection was opened for reading.
        """
        if self.read_only:
            raise CollectionError(f"{self.path}: opened for reading only: open it without read_only")
        if self._holds_lock:
            yield
            return
        with only_writer(self.path):
            self._holds_lock = True
            try:
                yield
            finally:
                self._holds_lock = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside stands at the end, or nothing of it. Takes the right to write where it is not held.

        Raises:
            CollectionError: another process is writing, or the disk is full; what was there before still stands.
        """
        if self._open == "reading":
            raise RuntimeError("nothing can be written inside a snapshot")
        if self._open:
            yield
            return
        with self.writing(), self._span("BEGIN IMMEDIATE", "writing"):
            yield
            with self.explained():
                if self.changed:
                    generation = self.generation + 1
                    self.execute("INSERT OR REPLACE INTO facts VALUES ('generation', ?)", [str(generation)])
                    begin_moment(self.connection, generation)
                seal_facts(self.connection)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever another process writes meanwhile."""
        if self._open:
            yield
            return
        with self._span("BEGIN", "reading"):
            yield

    @contextmanager
    def _span(self, begin: str, kind: Literal["reading", "writing"]) -> Iterator[None]:
        self.execute(begin)
        self._open, self.changed = kind, False
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self.connection.execute("ROLLBACK")
            raise
        finally:
            self._open, self.changed = "", False

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises `CollectionError` where SQLite refuses it, as all methods here."""
        with self.explained():
            return self.connection.execute(statement, values).fetchall()

    def number(self, statement: str, values: Sequence[Any] = ()) -> int:
        """The one number that a statement gives, such as a count."""
        return int(self.rows(statement, values)[0][0])

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """One statement that gives no rows."""
        with self.explained():
            self.connection.execute(statement, values)

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for each row of values: much cheaper than one call each."""
        with self.explained():
            self.connection.executemany(statement, rows)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Errors of SQLite inside become `CollectionError` in one line."""
        try:
            yield
        except sqlite3.Error as error:
            raise CollectionError(explain(self.path, error)) from error
