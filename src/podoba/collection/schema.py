"""The file format of a collection: numbered migrations of one SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from podoba.errors import CollectionError

APPLICATION = 0x706F6462  # "podb"
MIGRATIONS = (
    """
    CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE items (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        uri TEXT NOT NULL,
        source TEXT NOT NULL,
        label TEXT,
        content TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        stamp TEXT,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        format TEXT NOT NULL,
        attributes TEXT NOT NULL DEFAULT '{}',
        descriptor BLOB NOT NULL
    );
    CREATE INDEX items_content ON items (content);
    CREATE INDEX items_source ON items (source);
    CREATE TABLE skipped (uri TEXT PRIMARY KEY, stamp TEXT, reason TEXT NOT NULL) WITHOUT ROWID;
    """,
)


def connect(path: Path, *, create: bool, read_only: bool) -> sqlite3.Connection:
    """A connection to a collection's file, brought to the newest format.

    Raises:
        CollectionError: missing, damaged, foreign or newer file; or one that cannot be written.
    """
    if not path.exists() and not create:
        raise CollectionError(f"{path}: no such collection: make one with `podoba index {path} FOLDER`")
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc' if create else 'rw'}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None)
        _prepare(connection, path, read_only)
    except sqlite3.DatabaseError as error:
        raise CollectionError(_explain(path, error)) from error
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, read_only: bool) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    filled = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if filled and application != APPLICATION:
        raise CollectionError(f"{path}: a database of another program: name another file")
    if version > len(MIGRATIONS):
        raise CollectionError(
            f"{path}: made by a newer podoba (format {version}, this one reads {len(MIGRATIONS)}): upgrade podoba"
        )
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    for number in range(version, 0 if read_only and not filled else len(MIGRATIONS)):
        statements = [part for part in MIGRATIONS[number].split(";") if part.strip()]
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == number:  # else another process was faster
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")


def _explain(path: Path, error: sqlite3.DatabaseError) -> str:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return f"{path}: damaged, or not a collection ({text}): restore it from a copy, or index the images anew"
    if "readonly" in text or "unable to open" in text:
        return f"{path}: cannot be opened ({text}): check the path and its permissions"
    return f"{path}: {text}"
