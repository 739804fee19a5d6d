"""Which descriptors were written or removed since an earlier moment: what is derived from that moment needs only these anew."""

from __future__ import annotations

import secrets
import sqlite3

import numpy as np
from numpy.typing import NDArray

MIX = "(2654435761 * {item} + 40503 * {generation} + 97) % 4294967291"  # the seal of a row of `touched`
TOUCH = (
    "INSERT OR REPLACE INTO touched SELECT items.number, ?1, " + MIX.format(item="items.number", generation="?1") + " FROM items"
)


def current_moment(connection: sqlite3.Connection) -> tuple[int, str]:
    """The number of the present generation, and the token that no other collection or history has; (0, "") at the start."""
    found = connection.execute("SELECT generation, token FROM moments ORDER BY generation DESC LIMIT 1").fetchone()
    return (0, "") if found is None else (int(found[0]), str(found[1]))


def begin_moment(connection: sqlite3.Connection, generation: int) -> None:
    """Note that this generation begins."""
    connection.execute("INSERT INTO moments VALUES (?, ?)", [generation, secrets.token_hex(8)])


def touched_since(connection: sqlite3.Connection, generation: int, token: str) -> NDArray[np.int64] | None:
    """Numbers, ascending, of items whose descriptor was written or removed after a moment; None where it is none of ours.

    Raises:
        ValueError: a damaged row.
    """
    if connection.execute("SELECT 1 FROM moments WHERE generation = ? AND token = ?", [generation, token]).fetchone() is None:
        return None
    sound = MIX.format(item="item", generation="generation")
    rows = connection.execute(f"SELECT item, generation, seal IS {sound} FROM touched ORDER BY item").fetchall()
    if not all(row[2] for row in rows):
        raise ValueError("the list of changes is not what was written")
    return np.array([row[0] for row in rows if row[1] > generation], dtype=np.int64)


def forget_before(connection: sqlite3.Connection, generation: int) -> None:
    """Drop what only moments before this generation would need."""
    connection.execute("DELETE FROM moments WHERE generation < ?", [generation])
    connection.execute("DELETE FROM touched WHERE generation <= ?", [generation])
