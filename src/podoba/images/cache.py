"""Where what was fetched or computed once is kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_dir() -> Path:
    """The cache folder: `PODOBA_CACHE` where set, else the system's place for caches. It may not exist yet."""
    chosen = os.environ.get("PODOBA_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("podoba", appauthor=False)
