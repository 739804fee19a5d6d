"""Which files a server has acknowledged wholly, so that a load that was killed goes on where it was."""

from __future__ import annotations

import os
from pathlib import Path

from podoba.errors import CollectionError


class Journal:
    """A file of lines, each a collection as its server numbers it and a file: a collection made anew has none of them."""

    def __init__(self, path: Path, collection: str) -> None:
        self._path, self._collection = path, collection

    def files(self) -> set[str]:
        """Those that were acknowledged; a line that a crash cut off counts for nothing."""
        try:
            lines = self._path.read_text(encoding="utf-8").split("\n")[:-1]
        except FileNotFoundError:
            return set()
        except (OSError, UnicodeDecodeError) as error:
            raise CollectionError(f"{self._path}: cannot be read ({error}): remove it, and all is loaded again") from error
        return {name for collection, _, name in (line.partition(" ") for line in lines) if collection == self._collection}

    def note(self, name: str) -> None:
        """Remember a file, so that it outlives a crash of this machine."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                cut = file.tell() and not _ends_whole(self._path)
                file.write((b"\n" if cut else b"") + f"{self._collection} {name}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CollectionError(f"{self._path}: cannot be written ({error.strerror}): make room, and load again") from error


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
