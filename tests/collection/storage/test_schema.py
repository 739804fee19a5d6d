"""Opening a collection's file: what is refused, migrations, places where nothing can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.schema import APPLICATION, MIGRATIONS, PAGE, connect, explain
from podoba.errors import CollectionError

NOBODY = 65534
FORMAT = max(MIGRATIONS)


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
    assert found == [APPLICATION, FORMAT, "wal", PAGE]
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
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    for read_only in (True, False):
        with pytest.raises(CollectionError, match=r"newer podoba.*upgrade"):
            Collection.open(filled.path, read_only=read_only)


STEP = "CREATE TABLE later (item INTEGER PRIMARY KEY, right INTEGER NOT NULL); INSERT INTO later VALUES (1, 1)"


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Names, times and bytes of all files in a folder."""
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_an_older_file_is_brought_up_to_date_once_and_keeps_its_items(filled: Collection) -> None:
    filled.close()
    newer = {**MIGRATIONS, FORMAT + 1: STEP}
    for _ in range(2):
        connection = connect(filled.path, migrations=newer)
        assert connection.execute("SELECT count(*) FROM items").fetchone() == (60,)
        assert connection.execute("SELECT * FROM later").fetchall() == [(1, 1)]
        connection.close()
    assert pragma(filled.path, "user_version") == FORMAT + 1


def test_an_older_file_that_is_only_to_be_read_is_left_as_it_is(filled: Collection) -> None:
    filled.close()
    before = state_of(filled.path.parent)
    with pytest.raises(CollectionError, match=r"made by an older podoba.*--repair"):
        connect(filled.path, read_only=True, migrations={**MIGRATIONS, FORMAT + 1: STEP})
    assert state_of(filled.path.parent) == before


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_of_an_unreleased_format_is_refused_and_left_as_it_is(filled: Collection, read_only: bool) -> None:
    filled.close()
    connection = sqlite3.connect(filled.path)
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    before = state_of(filled.path.parent)
    with pytest.raises(CollectionError, match=r"format 3, this one reads.*index the images into a new file"):
        Collection.open(filled.path, read_only=read_only)
    assert state_of(filled.path.parent) == before


def test_reading_writes_nothing(filled: Collection) -> None:
    filled.close()
    before = state_of(filled.path.parent)
    with Collection.open(filled.path, read_only=True) as reader:
        assert len(reader.items("label == 'cat'")) == 15
        assert reader.info()["items"] == 60
        assert reader.nearest(reader.vectors().matrix[:1], 3).numbers.shape == (1, 3)
        assert reader.check()
        with pytest.raises(CollectionError):
            reader.store.database.execute("DELETE FROM items")
    assert state_of(filled.path.parent) == before


def test_reading_leaves_what_a_killed_writer_left(filled: Collection) -> None:
    """Transactions that stand beside the file are read from there, and not written to the file by a reader."""
    copy = filled.path.with_name("killed")
    copy.mkdir()
    assert filled.path.with_name(f"{filled.path.name}-wal").stat().st_size > 0
    for path in filled.path.parent.glob("filled*"):
        shutil.copy2(path, copy / path.name)
    before = state_of(copy)
    with Collection.open(copy / filled.path.name, read_only=True) as reader:
        assert len(reader.items()) == 60
    after = state_of(copy)
    assert after.keys() == before.keys()
    assert {name: after[name] for name in after if not name.endswith("-shm")} == {
        name: before[name] for name in before if not name.endswith("-shm")
    }


def test_a_migration_that_fails_changes_nothing(filled: Collection) -> None:
    filled.close()
    with pytest.raises(CollectionError):
        connect(filled.path, migrations={**MIGRATIONS, FORMAT + 1: "CREATE TABLE more (x); CREATE TABLE items (x)"})
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
