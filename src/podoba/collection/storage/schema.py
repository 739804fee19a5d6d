"""The file format of a collection: numbered migrations of one SQLite file, and how it is opened."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from podoba.collection.filters.sql import add_text_functions
from podoba.collection.storage.checksums import add_checksums, facts_problem, update_facts_checksum
from podoba.errors import CollectionError, CollectionMissing

APPLICATION = 0x706F6462  # "podb"
PAGE = 16384  # bytes; several descriptors fit into a page, which keeps the file small and reading fast
CHECKED = 128 << 20  # bytes up to which a file is verified when it is opened; larger ones by `podoba check`
WAIT = 10  # seconds for another process or thread to finish a transaction
# The statements that lead to each format from the one before it, the first from an empty file; 1 to 4 were never released.
# Checksums: what a flipped bit is noticed by. `generations`: the transactions that changed items, each with a token that no other
# collection has; `touched`: items whose descriptor was written or removed in a generation, for what is derived from an earlier
# one. `next_descriptors`: of the model that is to come, while the present one still answers. Marks, pairs that are no duplicates
# and decisions name images by their bytes, not by their item alone: what a person said outlives an image's place and the model.
MIGRATIONS: Mapping[int, str] = {
    5: """
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
        generation INTEGER NOT NULL,
        checksum INTEGER NOT NULL
    );
    CREATE INDEX items_content ON items (content);
    CREATE TABLE descriptors (
        item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
        vector BLOB NOT NULL,
        checksum INTEGER NOT NULL
    );
    CREATE TABLE next_descriptors (
        item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
        vector BLOB NOT NULL,
        checksum INTEGER NOT NULL
    );
    CREATE TABLE attribute_names (name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE skipped (uri PRIMARY KEY, stamp TEXT, reason TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE generations (generation INTEGER PRIMARY KEY, token TEXT NOT NULL);
    CREATE TABLE touched (item INTEGER PRIMARY KEY, generation INTEGER NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE queries (
        query TEXT PRIMARY KEY,
        name NOT NULL,
        descriptor BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        checksum INTEGER NOT NULL
    );
    CREATE TABLE marks (
        query TEXT NOT NULL REFERENCES queries ON DELETE CASCADE,
        item TEXT NOT NULL,
        uri NOT NULL,
        verdict TEXT NOT NULL,
        made TEXT NOT NULL,
        model TEXT NOT NULL,
        checksum INTEGER NOT NULL,
        PRIMARY KEY (query, item)
    );
    CREATE TABLE not_duplicates (first TEXT NOT NULL, second TEXT NOT NULL, PRIMARY KEY (first, second)) WITHOUT ROWID;
    """,
    6: """
    CREATE TABLE decisions (
        number INTEGER NOT NULL,
        batch INTEGER NOT NULL,
        made TEXT NOT NULL,
        item TEXT NOT NULL,
        picture TEXT NOT NULL,
        kept INTEGER NOT NULL,
        checksum INTEGER NOT NULL
    );
    CREATE INDEX decisions_number ON decisions (number);
    CREATE INDEX decisions_item ON decisions (item);
    """,
}


def connect(
    path: Path,
    *,
    create: bool = False,
    read_only: bool = False,
    verified: bool = False,
    migrations: Mapping[int, str] = MIGRATIONS,
) -> sqlite3.Connection:
    """A connection to a collection's file, of the newest format.

    Args:
        read_only: nothing is written, not even to bring an older file up to date. Beside a file that others may write to,
            SQLite needs its helper files `-wal` and `-shm` while it is open; where they cannot be made, it does without.
        verified: this process has verified the file before.
        migrations: statements by format, as `MIGRATIONS`.

    Raises:
        CollectionMissing: no such file, or one in which nothing was written yet.
        CollectionError: damaged, foreign or newer file; an older one that cannot be brought up to date here; or one that cannot
            be opened.
    """
    if not path.exists() and not create:
        raise CollectionMissing(f"{path}: no such collection: make one with `podoba index {path} FOLDER`")
    wal = path.with_name(f"{path.name}-wal")
    pending = wal.exists() and wal.stat().st_size > 0  # transactions that are not in the file itself yet
    if read_only and path.is_file() and not path.stat().st_size and not wal.exists():
        # Left by a process that was killed before it wrote anything: a collection without items.
        return _open("file::memory:", path, True, False, verified, migrations)
    address = path.absolute().as_uri()
    # The last connection that is closed writes pending transactions to the file and removes the helper files. So a reader either
    # finds nothing pending, and then removes what it made itself; or it leaves all as it is, by mode=ro.
    mode = "rwc" if create else "ro" if read_only and pending else "rw"
    try:
        return _open(f"{address}?mode={mode}", path, create, read_only, verified, migrations)
    except sqlite3.OperationalError as error:
        # In a place where nothing can be written SQLite cannot make its helper files, and it needs none.
        if not read_only or not path.is_file() or pending:
            raise CollectionError(explain(path, error)) from error
    except sqlite3.DatabaseError as error:
        raise CollectionError(explain(path, error)) from error
    try:
        return _open(f"{address}?immutable=1", path, create, read_only, verified, migrations)
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


def damaged(path: Path, problem: str) -> CollectionError:
    """What to say of a file that is not what was written."""
    return CollectionError(f"{path}: damaged ({problem}): restore it from a copy, or index the images anew")


def _open(
    address: str, path: Path, create: bool, read_only: bool, verified: bool, migrations: Mapping[int, str]
) -> sqlite3.Connection:
    # Each connection is used by one thread, but closed by whichever closes the collection.
    connection = sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False)
    try:
        add_checksums(connection)
        add_text_functions(connection)
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {setting}")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        _check_format(connection, path, create, read_only, migrations)
        if not verified:
            _verify(connection, path)
        if not read_only:
            if not _number(connection, "SELECT count(*) FROM sqlite_master"):
                connection.execute(f"PRAGMA page_size = {PAGE}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a batch that was reported as done survives a power loss
            _migrate(connection, migrations)
        problem = None if verified else facts_problem(connection)
        if problem is not None:
            raise damaged(path, problem)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_format(
    connection: sqlite3.Connection, path: Path, create: bool, read_only: bool, migrations: Mapping[int, str]
) -> None:
    if not _number(connection, "SELECT count(*) FROM sqlite_master"):
        if not create:
            raise CollectionMissing(f"{path}: an empty file, not a collection: fill it with `podoba index {path} FOLDER`")
        return
    if _number(connection, "PRAGMA application_id") != APPLICATION:
        raise CollectionError(f"{path}: a database of another program: name another file")
    version, newest = _number(connection, "PRAGMA user_version"), max(migrations)
    if version > newest:
        raise CollectionError(f"{path}: made by a newer podoba (format {version}, this one reads {newest}): upgrade podoba")
    if version not in migrations:
        raise CollectionError(
            f"{path}: made by a podoba that was never released (format {version}, this one reads {newest}): index the "
            "images into a new file"
        )
    if version < newest and read_only:
        raise CollectionError(
            f"{path}: made by an older podoba (format {version}, this one reads {newest}), and nothing is written for reading: "
            f"bring it up to date once by `podoba check {path} --repair`, or do so with a copy of it"
        )


def _verify(connection: sqlite3.Connection, path: Path) -> None:
    """Let SQLite look at the pages of a small file. Raises `CollectionError` where one is damaged."""
    if path.exists() and 0 < path.stat().st_size <= CHECKED:
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise damaged(path, finding)


def _migrate(connection: sqlite3.Connection, migrations: Mapping[int, str]) -> None:
    """Bring a file to the newest format, wholly or, as on a full disk, not at all."""
    newest = max(migrations)
    if _number(connection, "PRAGMA user_version") >= newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    present = _number(connection, "PRAGMA user_version")
    if present < newest:  # else another process was faster
        statements = ";".join(migrations[number] for number in sorted(migrations) if number > present)
        for statement in statements.split(";"):
            if statement.strip():
                connection.execute(statement)
        update_facts_checksum(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {newest}")
    connection.execute("COMMIT")


def _number(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])
