"""Mending what can be mended: rows whose bytes were changed are forgotten, so that the next update makes them anew."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from podoba.collection.maintain.check import cache_problems, damaged_items
from podoba.collection.storage.generations import TOUCH
from podoba.files import shown
from podoba.progress import OnProgress

if TYPE_CHECKING:
    from podoba.collection.collection import Collection


def repair(collection: Collection, connection: sqlite3.Connection, on_progress: OnProgress | None = None) -> list[str]:
    """Mend the file's own indexes, forget damaged items, make a damaged or stale cache anew; a line for each thing done.

    Images that are gone are left: a disk may only be unplugged. To be called with the right to write.

    Raises:
        CollectionError, sqlite3.Error: damage beyond mending.
    """
    done = []
    if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        connection.execute("REINDEX")
        left = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        done.append("the file's own indexes were made anew" if left == "ok" else f"cannot be mended: {left}: restore a copy")
    damaged = damaged_items(collection, connection)
    with collection.transaction():
        for number, uri, _ in damaged:
            connection.execute(f"{TOUCH} WHERE number = ?2", [collection.generation + 1, number])
            connection.execute("DELETE FROM items WHERE number = ?", [number])
            done.append(f"{shown(uri)}: forgotten, since it was damaged: index its folder again")
        collection.note_change(bool(damaged))
        unsound = collection.unsound_marks()
        if unsound:
            collection.forget_unsound_marks()
            done.append(f"{unsound} marks were forgotten, since they were damaged: mark those results again")
    with collection.snapshot():
        problems = cache_problems(collection, connection)
    reason = collection.refresh_index(force=bool(problems), on_progress=on_progress)
    if problems:
        done.append(f"{collection.cache.folder}: made anew" if reason is None else reason)
    return done
