"""What lies below a remote folder: names in a fixed order, a page at a time."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from podoba.cache.reach import NetworkSettings
from podoba.errors import require
from podoba.images.remote.address import without_end
from podoba.images.remote.file import stamp_of_info
from podoba.images.remote.filesystem import asked, filesystem

PAGE = 1000  # names taken at a time, as many as an object store gives


@dataclass(frozen=True, slots=True)
class Entry:
    """A file below a remote folder, or a folder in it.

    Attributes:
        path: below the folder, with `/` between.
        size: bytes; None where the store does not say.
        stamp: as `ImageRecord.stamp`.
    """

    path: str
    size: int | None = None
    stamp: str | None = None
    is_folder: bool = False


def files_below(address: str) -> Iterator[Entry]:
    """All files below a folder, in an order that depends on their names alone.

    An object store that has pages (S3) is asked for them one after another; of any other the names of one folder are in memory.

    Raises:
        SourceError, StoreAway: as `asked`.
    """
    store, root = filesystem(address), _root(address)
    if hasattr(store, "_iterdir"):
        yield from _paged(store, address, root, "")
        return
    waiting = [_of_folder(store, address, root, root)]
    while waiting:
        for entry in waiting[-1]:
            if entry.is_folder:
                waiting.append(_of_folder(store, address, root, f"{root}{entry.path}/"))
                break
            yield entry
        else:
            waiting.pop()


def children_of(address: str, below: str = "") -> Iterator[Entry]:
    """Files and folders that lie in a folder itself, or in one below it (a path with a `/` at its end)."""
    store, root = filesystem(address), _root(address)
    if hasattr(store, "_iterdir"):
        yield from _paged(store, address, root, "/", below)
    else:
        yield from _of_folder(store, address, root, f"{root}{below}")


def _root(address: str) -> str:
    """The path that names of what is below a folder begin with, as its store writes it."""
    return f"{filesystem(address)._strip_protocol(without_end(address)).rstrip('/')}/"


def _entry(info: dict[str, Any], root: str) -> Entry | None:
    """None where it is not below the root, as a link of a page to elsewhere, or a file that stands for its folder."""
    name = str(info["name"])
    path = name.removeprefix(root).rstrip("/")
    if not name.startswith(root) or not path or (name.endswith("/") and info["type"] == "file"):
        return None
    return Entry(path, info.get("size"), stamp_of_info(info), info["type"] == "directory")


def _of_folder(store: Any, address: str, root: str, folder: str) -> Iterator[Entry]:
    infos = asked(address, lambda: store.ls(folder.rstrip("/") if "://" not in folder else folder, detail=True))
    entries = [entry for info in infos if (entry := _entry(info, root)) is not None and f"{root}{entry.path}" != folder[:-1]]
    yield from sorted(entries, key=lambda entry: entry.path)


def _paged(store: Any, address: str, root: str, delimiter: str, below: str = "") -> Iterator[Entry]:
    """From S3: its names are sorted, so that nothing has to be kept of them."""
    run = require("fsspec.asyn", "scale").sync
    bucket, _, prefix = f"{root}{below}".partition("/")
    found = store._iterdir(bucket, delimiter=delimiter, prefix=prefix)
    # Its pages are asked for again by s3fs itself; after an error of its own the iterator would only look finished.
    while infos := asked(address, lambda: run(store.loop, _some, found), NetworkSettings(tries=1)):
        for info in infos:
            if (entry := _entry(info, root)) is not None:
                yield entry


async def _some(found: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The next names, about a page of them; none at the end."""
    infos: list[dict[str, Any]] = []
    async for info in found:
        infos.append(info)
        if len(infos) == PAGE:
            break
    return infos
