"""Which descriptors were written or removed since an earlier generation: the rest of what was derived from it is still valid."""

import secrets
import sqlite3

import numpy as np

from podoba.arrays import Indices

CHECKSUM = "(2654435761 * {item} + 40503 * {generation} + 97) % 4294967291"  # the checksum of a row of `touched`
TOUCH = (
    "INSERT OR REPLACE INTO touched SELECT items.number, ?1, "
    + CHECKSUM.format(item="items.number", generation="?1")
    + " FROM items"
)


def current_generation(connection: sqlite3.Connection) -> tuple[int, str]:
    """The number of the present generation, and its token, which no other collection or history has; (0, "") at the start."""
    row = connection.execute("SELECT generation, token FROM generations ORDER BY generation DESC LIMIT 1").fetchone()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def begin_generation(connection: sqlite3.Connection, generation: int) -> None:
    """Note that this generation begins."""
    connection.execute("INSERT INTO generations VALUES (?, ?)", [generation, secrets.token_hex(8)])


def touched_since(connection: sqlite3.Connection, generation: int, token: str) -> Indices | None:
    """Numbers, ascending, of items whose descriptor was written or removed after a generation of this token.

    None where it is none of this collection, or where the list of changes is not what was written.
    """
    if connection.execute("SELECT 1 FROM generations WHERE generation = ? AND token = ?", [generation, token]).fetchone() is None:
        return None
    expected = CHECKSUM.format(item="item", generation="generation")
    rows = connection.execute(f"SELECT item, generation, checksum IS {expected} FROM touched ORDER BY item").fetchall()
    if not all(row[2] for row in rows):
        return None
    return np.array([row[0] for row in rows if row[1] > generation], dtype=np.int64)


def forget_before(connection: sqlite3.Connection, generation: int) -> None:
    """Drop what only generations before this one would need."""
    connection.execute("DELETE FROM generations WHERE generation < ?", [generation])
    connection.execute("DELETE FROM touched WHERE generation <= ?", [generation])
