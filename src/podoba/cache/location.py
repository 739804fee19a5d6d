"""Where what was fetched or computed once is kept."""

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path


def cache_dir() -> Path:
    """The cache folder: `PODOBA_CACHE` where set, else the system's place for caches. It may not exist yet."""
    chosen = os.environ.get("PODOBA_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("podoba", appauthor=False)


def mark_used(path: Path) -> None:
    """Give an entry of the cache the present time, by which `podoba cache --unused` goes; not where it cannot be written."""
    with suppress(OSError):
        os.utime(path)
