"""Small pictures of a collection's items, made when they are first asked for and kept in the cache folder beside it."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import zlib
from contextlib import suppress
from pathlib import Path

from podoba.collection.storage.items import Item
from podoba.images.decode import decode
from podoba.images.locate import find_record

SIDE = 192  # pixels
QUALITY = 82  # of JPEG
LARGEST = 256 << 20  # bytes kept; beyond it the older half goes
FILE = "thumbnails.sqlite"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS thumbnails (content TEXT, side INTEGER, turn INTEGER NOT NULL, seal INTEGER NOT NULL, "
    "jpeg BLOB NOT NULL, PRIMARY KEY (content, side)) WITHOUT ROWID"
)


class Thumbnails:
    """The thumbnails of a collection; where none can be kept they are made each time."""

    def __init__(self, folder: Path) -> None:
        """Thumbnails in a cache folder (`IndexCache.folder`), which is made when the first one is kept."""
        self._folder = folder
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Thumbnails:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def of(self, item: Item, side: int = SIDE) -> bytes:
        """A JPEG, upright, whose longer side has at most `side` pixels.

        Raises:
            UnreadableImage: the image is gone or damaged, and no thumbnail of it was kept.
        """
        kept = self._kept(item.content, side)
        if kept is not None:
            return kept
        data = find_record(item.uri).open()
        jpeg = small_jpeg(data, item.uri, side)
        if hashlib.sha256(data).hexdigest() == item.content:  # else the file has changed since, and is not that item's
            self._keep(item.content, side, jpeg)
        return jpeg

    def _kept(self, content: str, side: int) -> bytes | None:
        if self._connection is None and not (self._folder / FILE).exists():
            return None
        with suppress(sqlite3.Error, OSError):
            connection = self._opened()
            found = connection.execute(
                "SELECT jpeg, seal FROM thumbnails WHERE content = ? AND side = ?", [content, side]
            ).fetchone()
            if found is not None and zlib.crc32(found[0]) == found[1]:
                jpeg: bytes = found[0]
                return jpeg
        return None

    def _keep(self, content: str, side: int, jpeg: bytes) -> None:
        try:
            self._folder.mkdir(exist_ok=True)
            connection = self._opened()
            with connection:
                turn = connection.execute("SELECT coalesce(max(turn), 0) + 1 FROM thumbnails").fetchone()[0]
                row = [content, side, turn, zlib.crc32(jpeg), jpeg]
                connection.execute("INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?, ?, ?)", row)
                if turn % 64 == 0:
                    self._shrink(connection)
        except (OSError, sqlite3.OperationalError):
            self.close()  # busy, or nothing can be written here: it is made again next time
        except sqlite3.DatabaseError:  # damaged
            self.close()
            with suppress(OSError):
                (self._folder / FILE).unlink()

    def _shrink(self, connection: sqlite3.Connection) -> None:
        size = int(connection.execute("SELECT coalesce(sum(length(jpeg)), 0) FROM thumbnails").fetchone()[0])
        if size > LARGEST:
            middle = connection.execute("SELECT avg(turn) FROM thumbnails").fetchone()[0]
            connection.execute("DELETE FROM thumbnails WHERE turn < ?", [middle])

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._folder / FILE, timeout=1)
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute(SCHEMA)
        return self._connection


def small_jpeg(data: bytes, uri: str, side: int = SIDE) -> bytes:
    """An encoded image as a JPEG, upright, whose longer side has at most `side` pixels. Raises `UnreadableImage`."""
    file = io.BytesIO()
    decode(data, uri, side).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
