"""The file format of a collection: numbered migrations of one SQLite file, and how it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from podoba.collection.storage.checksums import add_seals, seal_facts, seal_of, unsound_facts
from podoba.errors import CollectionError

APPLICATION = 0x706F6462  # "podb"
PAGE = 16384  # bytes; several descriptors fit into a page, which keeps the file small and reading fast
CHECKED = 128 << 20  # bytes up to which a file is looked through when it is opened; larger ones by `podoba check`
WAIT = 10  # seconds for another process to finish a transaction
ITEM = ("id", "uri", "source", "label", "content", "size", "stamp", "width", "height", "format", "attributes")  # of format 2
MIGRATIONS = (
    """
    CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE sources (number INTEGER PRIMARY KEY, root NOT NULL UNIQUE);
    CREATE TABLE items (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        uri NOT NULL,
        source INTEGER NOT NULL REFERENCES sources,
        label TEXT,
        content TEXT NOT NULL,
        size INTEGER NOT NULL,
        stamp TEXT,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        format TEXT NOT NULL,
        attributes TEXT NOT NULL DEFAULT '{}',
        generation INTEGER NOT NULL
    );
    CREATE INDEX items_content ON items (content);
    CREATE TABLE descriptors (
        item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
        vector BLOB NOT NULL
    );
    CREATE TABLE attribute_names (name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE skipped (uri PRIMARY KEY, stamp TEXT, reason TEXT NOT NULL) WITHOUT ROWID;
    """,
    # Seals: what a flipped bit is noticed by. `touched`: items whose descriptor was written or removed in a generation, for what
    # is derived from an earlier one. `next_descriptors`: of the model that is to come, while the present one still answers.
    f"""
    CREATE TABLE sealed (
        item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
        vector BLOB NOT NULL,
        seal INTEGER NOT NULL
    );
    INSERT INTO sealed SELECT item, vector, seal(vector, item) FROM descriptors;
    DROP TABLE descriptors;
    ALTER TABLE sealed RENAME TO descriptors;
    CREATE TABLE next_descriptors (
        item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
        vector BLOB NOT NULL,
        seal INTEGER NOT NULL
    );
    ALTER TABLE items ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
    UPDATE items SET seal = {seal_of(ITEM)};
    CREATE TABLE moments (generation INTEGER PRIMARY KEY, token TEXT NOT NULL);
    INSERT INTO moments SELECT CAST(value AS INTEGER), hex(randomblob(8)) FROM facts WHERE key = 'generation';
    CREATE TABLE touched (item INTEGER PRIMARY KEY, generation INTEGER NOT NULL, seal INTEGER NOT NULL);
    """,
    # Marks name images by their content, not by their item: what a person said of a picture outlives its place and the model.
    """
    CREATE TABLE asked (
        query TEXT PRIMARY KEY,
        name NOT NULL,
        descriptor BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        seal INTEGER NOT NULL
    );
    CREATE TABLE marks (
        query TEXT NOT NULL REFERENCES asked ON DELETE CASCADE,
        item TEXT NOT NULL,
        uri NOT NULL,
        verdict TEXT NOT NULL,
        made TEXT NOT NULL,
        model TEXT NOT NULL,
        seal INTEGER NOT NULL,
        PRIMARY KEY (query, item)
    );
    """,
    # Pairs that are no duplicates, named by their bytes.
    "CREATE TABLE apart (first TEXT NOT NULL, second TEXT NOT NULL, PRIMARY KEY (first, second)) WITHOUT ROWID;",
)


def connect(path: Path, *, create: bool, read_only: bool) -> sqlite3.Connection:
    """A connection to a collection's file, brought to the newest format.

    Raises:
        CollectionError: missing, damaged, foreign or newer file; or one that cannot be opened.
    """
    if not path.exists() and not create:
        raise CollectionError(f"{path}: no such collection: make one with `podoba index {path} FOLDER`")
    wal = path.with_name(f"{path.name}-wal")
    if read_only and path.is_file() and not path.stat().st_size and not wal.exists():
        # Left by a process that was killed before it wrote anything: a collection without items.
        return _open("file::memory:", path, True, read_only)
    address = path.absolute().as_uri()
    try:
        return _open(f"{address}?mode={'rwc' if create else 'rw'}", path, create, read_only)
    except sqlite3.OperationalError as error:
        # In a place where nothing can be written SQLite cannot make its helper files, and it needs none.
        if not read_only or not path.is_file() or (wal.exists() and wal.stat().st_size):
            raise CollectionError(explain(path, error)) from error
    except sqlite3.DatabaseError as error:
        raise CollectionError(explain(path, error)) from error
    try:
        return _open(f"{address}?immutable=1", path, create, read_only)
    except sqlite3.DatabaseError as error:
        raise CollectionError(explain(path, error)) from error


def explain(path: Path, error: sqlite3.Error) -> str:
    """One line for what SQLite says."""
    text = str(error)
    if "not a database" in text or "malformed" in text or "no such" in text:
        return f"{path}: damaged, or not a collection ({text}): restore it from a copy, or index the images anew"
    if "readonly" in text or "unable to open" in text:
        return f"{path}: cannot be opened or written ({text}): check the path and its permissions"
    if "locked" in text:
        return f"{path}: another process is writing to it ({text}): wait until it is done"
    if "full" in text or "disk I/O" in text:
        return f"{path}: cannot be written ({text}): make room on the disk and run again; what was there before still stands"
    return f"{path}: {text}"


def _open(address: str, path: Path, create: bool, read_only: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None)
    try:
        _prepare(connection, path, create, read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, create: bool, read_only: bool) -> None:
    add_seals(connection)
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")
    filled = _number(connection, "SELECT count(*) FROM sqlite_master")
    version = _number(connection, "PRAGMA user_version")
    if filled and _number(connection, "PRAGMA application_id") != APPLICATION:
        raise CollectionError(f"{path}: a database of another program: name another file")
    if version > len(MIGRATIONS):
        raise CollectionError(
            f"{path}: made by a newer podoba (format {version}, this one reads {len(MIGRATIONS)}): upgrade podoba"
        )
    if not filled and not create:
        raise CollectionError(f"{path}: an empty file, not a collection: fill it with `podoba index {path} FOLDER`")
    small = bool(filled) and path.stat().st_size <= CHECKED
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if small else "ok"
    if found != "ok":
        raise damaged(path, found)
    if not filled:
        connection.execute(f"PRAGMA page_size = {PAGE}")
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a batch that was reported as done survives a power loss
    for number in range(version, len(MIGRATIONS)):
        _migrate(connection, number)
    problem = unsound_facts(connection)
    if problem is not None:
        raise damaged(path, problem)
    if read_only:
        connection.execute("PRAGMA query_only = ON")


def _migrate(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if _number(connection, "PRAGMA user_version") == number:  # else another process was faster
        for statement in MIGRATIONS[number].split(";"):
            if statement.strip():
                connection.execute(statement)
        seal_facts(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {number + 1}")
    connection.execute("COMMIT")


def damaged(path: Path, problem: str) -> CollectionError:
    return CollectionError(f"{path}: damaged ({problem}): restore it from a copy, or index the images anew")


def _number(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])
