"""A remote file that is opened like a local one: a table, a manifest, an archive."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from podoba.images.remote.filesystem import asked, filesystem

BLOCK = 1 << 16  # bytes that are fetched at least: a header of a tar, a page of a table
FORWARDS = 1 << 22  # the same where a file is read from its beginning to its end
ETAGS = ("ETag", "etag", "md5Hash", "content_md5")  # as the stores of fsspec name them
TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")


@dataclass(frozen=True)
class RemoteFile:
    """A file at an address.

    Attributes:
        address: such as `s3://bucket/shop.csv`.
        copy: a local copy of it, from which it is read; None: it is read in place, range by range.
    """

    address: str
    copy: Path | None = None

    def __str__(self) -> str:
        return self.address

    def open(self, block: int = BLOCK) -> IO[bytes]:
        """For reading, at any place of it, at least `block` bytes at a time. Raises `SourceError`."""
        if self.copy is not None:
            return self.copy.open("rb")
        store = filesystem(self.address)
        return cast(IO[bytes], asked(self.address, lambda: store.open(self.address, "rb", block_size=block)))

    def stamp(self) -> str:
        """Changes when its bytes may have changed; empty where the store does not say. Raises `SourceError`."""
        store = filesystem(self.address)
        return stamp_of_info(asked(self.address, lambda: store.info(self.address))) or ""

    def copied_to(self, path: Path) -> RemoteFile:
        """The same file, read from a copy that is fetched now, from its first byte to its last. Raises `SourceError`."""
        store = filesystem(self.address)

        def fetch() -> None:
            with store.open(self.address, "rb", block_size=FORWARDS, cache_type="readahead") as file, path.open("wb") as out:
                shutil.copyfileobj(file, out, FORWARDS)

        asked(self.address, fetch)
        return RemoteFile(self.address, path)


def opened(path: Path | RemoteFile, block: int = BLOCK) -> IO[bytes]:
    """A file for reading, wherever it is. Raises `OSError`, `SourceError`."""
    return path.open(block) if isinstance(path, RemoteFile) else path.open("rb")


def stamp_of_info(info: Mapping[str, Any]) -> str | None:
    """`ImageRecord.stamp` by what a store says of a file: size with ETag or time; None where it says neither."""
    size = info.get("size")
    for name in ETAGS:
        if info.get(name):
            return f"{size}-{str(info[name]).strip(chr(34))}"
    for name in TIMES:
        value = info.get(name)
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return f"{size}-{int(moment.timestamp() * 1e6) * 1000}"
        if isinstance(value, int | float):
            return f"{size}-{int(value * 1e6) * 1000}"
        if value:
            return f"{size}-{value}"
    return None
