"""What lies in the cache, and making room there."""

import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from podoba.cache.location import cache_dir

# Everything in it can be made or fetched again; sets and models may have been put there by hand, where no network is.
KINDS = {
    "pixels": "images decoded for training",
    "features": "what frozen backbones gave",
    "thumbnails": "small pictures of collections in vector databases",
    "downloads": "archives not yet unpacked",
    "sets": "published sets, unpacked",
    "models": "published models",
}
MADE = ("pixels", "features", "thumbnails", "downloads")
DAY = 86400.0  # seconds


@dataclass(frozen=True)
class Entry:
    """Something that is kept and forgotten as a whole.

    Attributes:
        kind: one of `KINDS`.
        path: a file or a folder.
        size: bytes on the disk.
        used: when it was last needed or written, seconds since 1970.
    """

    kind: str
    path: Path
    size: int
    used: float


def cache_entries() -> list[Entry]:
    """All that is in the cache, kind by kind, what was used longest ago first."""
    return [entry for kind in KINDS for entry in sorted(_entries(kind), key=lambda entry: entry.used)]


def forget_entries(kinds: Collection[str] = MADE, unused_days: float = 0.0) -> list[Entry]:
    """Remove entries of these kinds that were not used for so many days; returns what was removed.

    A training that runs keeps the files it has opened, but may miss one that it comes to later.

    Raises:
        OSError: one cannot be removed.
    """
    before = time.time() - unused_days * DAY
    gone = [entry for entry in cache_entries() if entry.kind in kinds and entry.used <= before]
    for entry in gone:
        if entry.path.is_dir():
            shutil.rmtree(entry.path)
        else:
            entry.path.unlink(missing_ok=True)
            entry.path.with_suffix(".lock").unlink(missing_ok=True)
    return gone


def _entries(kind: str) -> Iterator[Entry]:
    root = cache_dir() / kind
    # Models lie in folders of their publishers.
    places = [p for p in root.rglob("*") if p.is_file()] if kind == "models" else list(root.iterdir()) if root.is_dir() else []
    for path in places:
        if path.suffix == ".lock" or (kind == "models" and path.suffix == ".json"):  # what is remembered of published models
            continue
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        facts = [file.stat() for file in files]
        yield Entry(kind, path, sum(f.st_size for f in facts), max((f.st_mtime for f in facts), default=path.stat().st_mtime))
