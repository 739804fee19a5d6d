"""Transactions on a collection's file, from any thread, and SQLite's errors in words."""

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from podoba.collection.storage.checksums import update_facts_checksum
from podoba.collection.storage.generations import begin_generation
from podoba.collection.storage.lock import only_writer
from podoba.collection.storage.schema import WAIT, connect, explain
from podoba.errors import CollectionBusy, CollectionError


class _Session:
    """What one thread has of a database: a connection, and the transaction that is open on it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.open: Literal["", "reading", "writing"] = ""
        self.changed = False
        weakref.finalize(self, connection.close)  # when its thread has ended


class Database:
    """An open file: one transaction per batch, one writer at a time, readers beside it.

    Each thread has a connection and transactions of its own. A thread that wants to write waits for another of this process
    that does; another process that writes is an error at once, since it may do so for hours.
    """

    def __init__(
        self, path: Path, *, create: bool = False, read_only: bool = False, verified: bool = False, patience: float = WAIT
    ) -> None:
        """Open a collection's file.

        Args:
            create, read_only, verified: as in `connect`.
            patience: seconds that a thread waits for another that writes.

        Raises:
            CollectionError: as `connect`.
        """
        self.path = path
        self._patience = patience
        self.read_only = read_only
        self._local = threading.local()
        self._sessions: weakref.WeakSet[_Session] = weakref.WeakSet()
        self._closed = False
        self._writer = threading.RLock()
        self._depth = 0  # of `writing` in the thread that writes
        self._begin_session(connect(path, create=create, read_only=read_only, verified=verified))

    def close(self) -> None:
        """Close the connections of all threads; none may be in use."""
        self._closed = True
        for session in list(self._sessions):
            session.connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection of SQLite, for statements that return more than a list of rows."""
        return self._session.connection

    @property
    def changed(self) -> bool:
        """Whether this thread's open transaction changed items or descriptors, so that a new generation begins with it."""
        return self._session.changed

    @property
    def is_writing(self) -> bool:
        """Whether a transaction that may write is open in this thread."""
        return self._session.open == "writing"

    @property
    def generation(self) -> int:
        """Counts the transactions that changed items: what is derived from the collection is stale where it differs."""
        return int(self.fact("generation") or 0)

    def fact(self, key: str) -> str | None:
        """A fact about the collection, or None: `generation`; `model`, `path`, `fingerprint`, `card` of its model."""
        rows = self.rows("SELECT value FROM facts WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def note_change(self, changed: bool = True) -> None:
        """Inside a transaction: items or descriptors were changed, so that a new generation begins with it."""
        self._session.changed |= changed

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write, as one thread of one process at a time may; it ends with the process, however that ends.

        Raises:
            CollectionBusy: another process is writing, or another thread has been for some seconds.
            CollectionError: this collection was opened for reading.
        """
        if self.read_only:
            raise CollectionError(f"{self.path}: opened for reading only: open it without read_only")
        if not self._writer.acquire(timeout=self._patience):
            raise CollectionBusy(f"{self.path}: another thread is writing to it: wait until it is done")
        try:
            if self._depth:
                yield
                return
            with only_writer(self.path):
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
        finally:
            self._writer.release()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside stands at the end, or nothing of it. Takes the right to write where it is not held.

        Raises:
            CollectionError: another process is writing, or the disk is full; what was there before still stands.
        """
        session = self._session
        if session.open == "reading":
            raise RuntimeError("nothing can be written inside a snapshot")
        if session.open:
            yield
            return
        with self.writing(), self._span(session, "BEGIN IMMEDIATE", "writing"):
            yield
            with self.explained():
                if session.changed:
                    generation = self.generation + 1
                    self.execute("INSERT OR REPLACE INTO facts VALUES ('generation', ?)", [str(generation)])
                    begin_generation(session.connection, generation)
                update_facts_checksum(session.connection)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside is of one state of the file, whatever others write meanwhile."""
        session = self._session
        if session.open:
            yield
            return
        with self._span(session, "BEGIN", "reading"):
            yield

    @contextmanager
    def _span(self, session: _Session, begin: str, kind: Literal["reading", "writing"]) -> Iterator[None]:
        self.execute(begin)
        session.open, session.changed = kind, False
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if session.connection.in_transaction:  # a full disk makes SQLite roll back by itself
                session.connection.execute("ROLLBACK")
            raise
        finally:
            session.open, session.changed = "", False

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

    @property
    def _session(self) -> _Session:
        if self._closed:
            raise CollectionError(f"{self.path}: this collection was closed: open it again")
        session: _Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._begin_session(connect(self.path, read_only=self.read_only, verified=True))
        return session

    def _begin_session(self, connection: sqlite3.Connection) -> _Session:
        session = _Session(connection)
        self._local.session = session
        self._sessions.add(session)
        return session
