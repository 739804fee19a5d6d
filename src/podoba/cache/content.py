"""What is derived from the bytes of an image, such as a thumbnail, by their sha256: computed once and used again."""

import sqlite3
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

VERSION = 1
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS derived (content TEXT, variant TEXT, written INTEGER NOT NULL, checksum INTEGER NOT NULL, "
    "data BLOB NOT NULL, PRIMARY KEY (content, variant)) WITHOUT ROWID"
)


class ContentCache:
    """Bytes by the sha256 of what they were derived from and the name of a variant, in one file of bounded size.

    Nothing depends on it: what is damaged, or cannot be written, is as if it had not been there. Threads and processes may
    share the file.
    """

    def __init__(self, path: Path, largest: int) -> None:
        """A cache in a file; its folder and the file are made when something is put in.

        Args:
            largest: bytes of the file, beyond which the older half is removed.
        """
        self.path, self.largest = path, largest

    def get(self, contents: Sequence[str], variant: str = "") -> dict[str, bytes]:
        """What is there of some contents (sha256, at most 30,000), by content; what is damaged is left out.

        Nothing is ever kept of an empty content, which stands for bytes that are not known.
        """
        contents = [content for content in contents if content]
        if not contents or not self.path.exists():
            return {}
        with suppress(sqlite3.Error, OSError), closing(sqlite3.connect(self.path, timeout=1)) as connection:
            marks = ", ".join("?" * len(contents))
            rows = connection.execute(
                f"SELECT content, checksum, data FROM derived WHERE variant = ? AND content IN ({marks})", [variant, *contents]
            )
            return {content: data for content, checksum, data in rows if zlib.crc32(data) == checksum}
        return {}

    def put(self, derived: Mapping[str, bytes], variant: str = "") -> None:
        """Keep what was derived, by content: all of it or nothing; but nothing of an empty content."""
        derived = {content: data for content, data in derived.items() if content}
        if not derived:
            return
        try:
            self.path.parent.mkdir(exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=1)) as connection:
                self._prepare(connection)
                with connection:
                    now = time.time_ns()
                    rows = ((content, variant, now, zlib.crc32(data), data) for content, data in derived.items())
                    connection.executemany("INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?, ?)", rows)
                    self._shrink(connection)
        except (OSError, sqlite3.OperationalError):
            return  # busy, or nothing can be written here: it is computed again next time
        except sqlite3.DatabaseError:  # damaged, or of another version
            with suppress(OSError):
                self.path.unlink()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        if _pragma(connection, "page_count") and _pragma(connection, "user_version") != VERSION:
            raise sqlite3.DatabaseError("of another version")
        with connection:
            connection.execute(SCHEMA)
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def _shrink(self, connection: sqlite3.Connection) -> None:
        pages = _pragma(connection, "page_count") - _pragma(connection, "freelist_count")
        if pages * _pragma(connection, "page_size") > self.largest:
            connection.execute("DELETE FROM derived WHERE written < (SELECT avg(written) FROM derived)")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
