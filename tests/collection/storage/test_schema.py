"""Opening a collection's file: what is refused, migrations, places where nothing can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage import schema
from podoba.collection.storage.schema import APPLICATION, MIGRATIONS, PAGE, explain
from podoba.errors import CollectionError

NOBODY = 65534


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_a_new_file_is_marked_as_ours(tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    Collection.open(path, create=True).close()
    found = [pragma(path, name) for name in ("application_id", "user_version", "journal_mode", "page_size")]
    assert found == [APPLICATION, len(MIGRATIONS), "wal", PAGE]
    Collection.open(path, create=True).close()  # again is no harm
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.podoba"]


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"no such collection.*podoba index"):
        Collection.open(tmp_path / "none.podoba")
    with pytest.raises(CollectionError, match="check the path"):
        Collection.open(tmp_path / "no" / "folder.podoba", create=True)
    with pytest.raises(CollectionError, match="check the path"):
        Collection.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_what_is_no_collection_is_refused_and_left_as_it_is(tmp_path: Path, read_only: bool) -> None:
    text = tmp_path / "text.podoba"
    text.write_text("dear diary " * 1000)
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE facts (key, value)")
    connection.commit()
    connection.close()
    empty = tmp_path / "empty.podoba"
    empty.touch()
    before = {path: path.read_bytes() for path in (text, foreign, empty)}
    with pytest.raises(CollectionError, match="damaged, or not a collection"):
        Collection.open(text, read_only=read_only, create=not read_only)
    with pytest.raises(CollectionError, match="another program"):
        Collection.open(foreign, read_only=read_only, create=not read_only)
    if not read_only:
        with pytest.raises(CollectionError, match="an empty file"):
            Collection.open(empty)
    assert {path: path.read_bytes() for path in before} == before


def test_an_empty_file_left_by_a_killed_process_becomes_a_collection(tmp_path: Path) -> None:
    path = tmp_path / "x.podoba"
    path.touch()
    with Collection.open(path, read_only=True) as collection:
        assert (collection.info()["items"], collection.store.models.name) == (0, None)
    assert path.stat().st_size == 0
    with Collection.open(path, create=True) as collection:
        assert len(collection) == 0
    assert path.stat().st_size > 0


def test_a_newer_file_is_refused(filled: Collection) -> None:
    filled.close()
    connection = sqlite3.connect(filled.path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    for read_only in (True, False):
        with pytest.raises(CollectionError, match=r"newer podoba.*upgrade"):
            Collection.open(filled.path, read_only=read_only)


@pytest.mark.parametrize("read_only", [True, False])
def test_an_older_file_is_brought_up_to_date_and_keeps_its_items(
    filled: Collection, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    ids = [item.id for item in filled.items()]
    filled.close()
    step = "CREATE TABLE later (item INTEGER PRIMARY KEY, right INTEGER NOT NULL); INSERT INTO later VALUES (1, 1)"
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, step))
    with Collection.open(filled.path, read_only=read_only) as collection:
        assert [item.id for item in collection.items()] == ids
    assert pragma(filled.path, "user_version") == len(MIGRATIONS) + 1
    Collection.open(filled.path).close()  # and is not migrated twice


def test_a_file_of_the_first_format_keeps_all_it_holds(filled: Collection) -> None:
    items, matrix, query = filled.items(), filled.vectors().matrix, filled.vectors().matrix[3]
    filled.close()
    connection = sqlite3.connect(filled.path)
    old = filled.path.with_name("old.podoba")
    connection.execute("ATTACH ? AS old", [str(old)])
    for statement in MIGRATIONS[0].split(";"):
        connection.execute(statement.replace("CREATE TABLE ", "CREATE TABLE old.").replace("INDEX items", "INDEX old.items"))
    for table in ("facts", "sources", "items", "descriptors", "attribute_names", "skipped"):
        names = [row[1] for row in connection.execute(f"PRAGMA old.table_info({table})")]
        connection.execute(f"INSERT INTO old.{table} SELECT {', '.join(names)} FROM main.{table} WHERE true")
    connection.execute("DELETE FROM old.facts WHERE key = 'seal'")
    connection.execute(f"PRAGMA old.application_id = {APPLICATION}")
    connection.execute("PRAGMA old.user_version = 1")
    connection.commit()
    connection.close()
    with Collection.open(old) as collection:
        assert collection.items() == items
        np.testing.assert_array_equal(collection.vectors().matrix, matrix)
        assert [line for line in collection.check() if "image is gone" not in line] == []
        assert collection.nearest(query, 1).numbers.tolist() == [[4]]
        collection.put(items[:1], query[None])
        assert collection.nearest(query, 2).numbers.tolist() == [[1, 4]]


def test_a_migration_that_fails_changes_nothing(filled: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x); CREATE TABLE items (x)"))
    with pytest.raises(CollectionError):
        Collection.open(filled.path)
    monkeypatch.undo()
    with Collection.open(filled.path) as collection:
        assert len(collection) == 60
        assert collection.store.database.rows("SELECT count(*) FROM sqlite_master WHERE name = 'more'") == [(0,)]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_noticed_when_it_is_opened(filled: Collection, share: float) -> None:
    filled.close()
    whole = filled.path.read_bytes()
    filled.path.write_bytes(whole[: int(len(whole) * share)])
    for read_only in (True, False):
        with pytest.raises(CollectionError, match=r"damaged.*restore it from a copy"):
            Collection.open(filled.path, read_only=read_only)


def test_a_page_of_rubbish_is_noticed_when_it_is_opened(filled: Collection) -> None:
    filled.close()
    whole = bytearray(filled.path.read_bytes())
    for page in range(1, len(whole) // PAGE):
        broken = whole.copy()
        broken[page * PAGE : page * PAGE + 8] = b"\xff" * 8
        filled.path.write_bytes(broken)
        with pytest.raises(CollectionError, match="damaged"):
            Collection.open(filled.path)


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder in which this process can write nothing."""
    folder = Path(tempfile.mkdtemp(prefix="podoba-test-"))
    user = os.geteuid()
    try:
        yield folder
    finally:
        os.seteuid(user)
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX users")
def test_a_collection_where_nothing_can_be_written_answers_and_refuses_to_be_changed(
    filled: Collection, locked_folder: Path
) -> None:
    filled.close()
    path = locked_folder / "photos.podoba"
    path.write_bytes(filled.path.read_bytes())
    path.chmod(0o444)
    locked_folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    with Collection.open(path, read_only=True) as collection:
        assert len(collection.items("label == 'cat'")) == 15
        with pytest.raises(CollectionError, match="opened for reading only"):
            collection.remove(where="label == 'cat'")
    with pytest.raises(CollectionError, match="permissions"):
        Collection.open(path)
    with pytest.raises(CollectionError, match="permissions"):
        Collection.open(locked_folder / "new.podoba", create=True)


def test_what_sqlite_says_is_told_with_how_to_mend_it() -> None:
    path = Path("photos.podoba")
    for text, mend in {
        "database or disk is full": "make room",
        "disk I/O error": "make room",
        "database is locked": "wait until it is done",
        "attempt to write a readonly database": "permissions",
        "something new": "something new",
    }.items():
        assert mend in explain(path, sqlite3.OperationalError(text))
