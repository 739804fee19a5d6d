"""One writer at a time: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from podoba.errors import CollectionError


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the right to write to the collection at `path`.

    The lock is on a file of its own beside the collection: closing any other handle of the SQLite file would let go the
    locks that SQLite itself holds.

    Raises:
        CollectionError: another process holds it, or nothing can be written here.
    """
    place = path.with_name(f"{path.name}.lock")
    file = _acquire(place, path)
    try:
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
    finally:
        place.unlink(missing_ok=True)  # before it is let go, so that nobody can hold a file that is removed
        file.close()


def _acquire(place: Path, path: Path) -> IO[str]:
    while True:
        try:
            file = place.open("a+", encoding="utf-8")
        except OSError as error:
            raise CollectionError(
                f"{path}: cannot be written ({error.strerror}): check the folder and its permissions"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            who = f"another process ({holder})" if holder.isdigit() else "another process"
            raise CollectionError(f"{path}: {who} is writing to it: wait until it is done, or stop it") from error
        except OSError as error:
            file.close()
            raise CollectionError(
                f"{path}: this file system knows no locks ({error.strerror}): keep the collection on a local disk"
            ) from error
        if _still_there(file, place):
            return file
        file.close()  # its holder removed it between our opening and locking it: try the new one


def _still_there(file: IO[str], place: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), place.stat())
    except FileNotFoundError:
        return False
