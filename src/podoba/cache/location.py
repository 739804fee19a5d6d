"""Where what was fetched or computed once is kept."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from platformdirs import user_cache_path


def cache_dir() -> Path:
    """The cache folder: `PODOBA_CACHE` where set, else the system's place for caches. It may not exist yet."""
    chosen = os.environ.get("PODOBA_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("podoba", appauthor=False)


def draft_of(folder: Path) -> Path:
    """A new empty folder beside one that is to be made, to be renamed when it is whole; as readable as the cache is."""
    draft = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    draft.mkdir(parents=True)
    return draft


def mark_used(path: Path) -> None:
    """Give an entry of the cache the present time, by which `podoba cache --unused` goes; not where it cannot be written."""
    with suppress(OSError):
        os.utime(path)


def reserve(file: IO[Any], size: int, place: Path) -> None:
    """Make an open file `size` bytes long and take them on the disk now.

    Where a mapped file meets a full disk only later, writing to it ends the process by a bus error, and nobody is told why.

    Args:
        place: named where the disk is full.

    Raises:
        OSError: there is not room enough.
    """
    file.truncate(size)
    if size and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(place)) from error
