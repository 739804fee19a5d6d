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
from podoba.collection.storage.schema import explain
from podoba.errors import CollectionError


class Database:
    """An open file: one transaction per batch, one writer at a time, readers beside it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._holds_lock = False
        self._open: Literal["", "reading", "writing"] = ""  # what transaction is open
        self._touched = False  # whether it changed items

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @property
    def generation(self) -> int:
        """Counts the transactions that changed items: what is derived from the collection is stale where it differs."""
        rows = self._rows("SELECT value FROM facts WHERE key = 'generation'")
        return int(rows[0][0]) if rows else 0

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
            with self._explained():
                if self._touched:
                    generation = self.generation + 1
                    self._execute("INSERT OR REPLACE INTO facts VALUES ('generation', ?)", [str(generation)])
                    begin_moment(self._connection, generation)
                seal_facts(self._connection)

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
        self._execute(begin)
        self._open, self._touched = kind, False
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._open, self._touched = "", False

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._connection.execute(statement, values).fetchall()

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        with self._explained():
            self._connection.execute(statement, values)

    def _execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for each row of values: much cheaper than one call each."""
        with self._explained():
            self._connection.executemany(statement, rows)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise CollectionError(explain(self.path, error)) from error
