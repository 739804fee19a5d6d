"""Transactions from several threads: one writes at a time, each sees whole states, all is closed at the end."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from podoba.collection.storage.database import Database
from podoba.errors import CollectionError


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "x.podoba", create=True)


def add(database: Database, name: str) -> None:
    database.execute("INSERT INTO attribute_names VALUES (?)", [name])


def add_together(database: Database, together: list[str]) -> None:
    with database.transaction():
        for name in together:
            add(database, name)


def names(database: Database) -> list[str]:
    return [row[0] for row in database.rows("SELECT name FROM attribute_names ORDER BY name")]


def test_a_transaction_stands_whole_or_not_at_all(database: Database) -> None:
    with database.transaction():
        add(database, "a")
    with pytest.raises(CollectionError, match="UNIQUE"):
        add_together(database, ["b", "a"])
    assert names(database) == ["a"]


def test_the_generation_rises_with_changes_alone(database: Database) -> None:
    with database.transaction():
        add(database, "a")
    assert database.generation == 0
    with database.transaction():
        database.note_change(False)
        assert not database.changed
        database.note_change()
        assert database.changed
    assert (database.generation, database.changed) == (1, False)


def test_threads_write_one_after_another_and_read_whole_states(database: Database) -> None:
    with database.transaction():
        add(database, "count 0")

    def count(_: int) -> None:
        with database.transaction():
            (name,) = names(database)
            database.execute("UPDATE attribute_names SET name = ?", [f"count {int(name.split()[1]) + 1}"])

    def read(_: int) -> bool:
        with database.snapshot():
            return names(database) == names(database)

    with ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(read, i) for i in range(100)]
        assert list(pool.map(count, range(100))) == [None] * 100
        assert all(one.result() for one in reads)
    assert names(database) == ["count 100"]


def test_a_thread_waits_for_another_that_writes_but_not_for_ever(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.podoba", create=True, patience=0.05)
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            add(database, "held")
            begun.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    assert names(database) == []  # what is not committed yet is seen by its own thread alone
    with pytest.raises(CollectionError, match="another thread is writing"), database.writing():
        pass
    done.set()
    thread.join()
    with database.writing(), database.transaction():
        assert names(database) == ["held"]


def test_the_connection_of_a_thread_that_ended_is_closed(database: Database) -> None:
    connections = []

    def read() -> None:
        names(database)
        connections.append(database.connection)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    gc.collect()
    with pytest.raises(Exception, match="closed"):
        connections[0].execute("SELECT 1")
    assert names(database) == []


def test_closing_closes_the_connections_of_all_threads(database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(names, database).result()
        database.close()
        threads: tuple[Callable[[], object], ...] = (pool.submit(names, database).result, lambda: names(database))
        for thread in threads:
            with pytest.raises(CollectionError, match="was closed: open it again"):
                thread()
    assert [path.name for path in database.path.parent.iterdir()] == ["x.podoba"]


def test_what_sqlite_refuses_is_one_line_of_ours(database: Database) -> None:
    with pytest.raises(CollectionError, match=r"x\.podoba.*no such table"):
        database.rows("SELECT * FROM missing")
