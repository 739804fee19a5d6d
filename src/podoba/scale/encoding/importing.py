"""The files of a folder of shards, into a collection."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from podoba.collection.storage.store import Store
from podoba.collection.transfer.importer import import_items
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.record import Skipped
from podoba.images.sources.base import record_id
from podoba.progress import OnProgress, silent
from podoba.scale.encoding.current import current_shards
from podoba.scale.encoding.outputs import ENDING, SKIPPED, OutputFolder, facts_in
from podoba.scale.encoding.skipped import SkippedImage, read_skipped

TAKEN = "shards"  # the key, among a collection's facts, of the shards that were imported: the beginnings of their names
SHARD = re.compile(f"[0-9a-f]{{64}}{re.escape(ENDING)}")  # the name of a shard's file
DIGITS = 16  # of a name that are remembered


@dataclass(frozen=True)
class FolderReport:
    """What an import of a folder did; the fields are keys of `podoba import --json`.

    Attributes:
        shards: files that were read now.
        known: files that were imported before.
        stale: files of shards that a later listing of their source no longer has: they are left out.
        rows, added, replaced: as in `ImportReport`.
        skipped: images without a descriptor, of the shards that were read.
    """

    shards: int
    known: int
    stale: int
    rows: int
    added: int
    replaced: int
    skipped: list[Skipped] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return vars(self) | {"skipped": [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.skipped]}


def import_folder(
    store: Store, place: str, model: str | None = None, *, again: bool = False, on_progress: OnProgress = silent
) -> FolderReport:
    """Add the items of all shards that were encoded into a folder, as `podoba index` of their sources would have.

    A shard is one transaction, and is remembered by its name, so that a process killed at any moment loses nothing and the next
    call goes on; given again, the folder adds nothing. Files are taken in the order in which they were written: where an image
    changed, its later descriptor stands. Shards that are not of the last listing of their source (`note_listing`) are left out.
    Nothing is removed but items whose image is damaged now. Images that could not be read are noted as `podoba index` notes
    them. The files of one shard are copied from an object store, one after another.

    Args:
        place: a path, or an address such as `s3://bucket/descriptors`.
        model: as `import_items`.
        again: also what was imported before.

    Raises:
        CollectionError: no such folder, no shard in it, a damaged one, or descriptors of another model.
        SourceError: its store cannot be reached.
    """
    files = shard_files(place)
    names = files.names
    count, rows, replaced, skipped, known = len(store.items), 0, 0, list[Skipped](), 0
    with store.writing():
        taken = set() if again else set((store.database.fact(TAKEN) or "").split())
        for done, name in enumerate(names):
            on_progress("importing shards", done, len(names))
            if name[:DIGITS] in taken:
                known += 1
                continue
            with TemporaryDirectory(prefix="podoba-") as copies:
                path, left_out = files.fetched(name, Path(copies))
                with store.transaction():
                    report = import_items(store, path, model, source=source_of(path))
                    _note(store, left_out, path)
                    taken.add(name[:DIGITS])
                    store.database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [TAKEN, " ".join(sorted(taken))])
            rows, replaced = rows + report.rows, replaced + report.replaced
            skipped += [*report.skipped, *(Skipped(one.uri, one.reason) for one in left_out)]
        on_progress("importing shards", len(names), len(names))
    return FolderReport(len(names) - known, known, files.stale, rows, len(store.items) - count, replaced, skipped)


@dataclass(frozen=True)
class ShardFiles:
    """The files of a folder of shards that are to be taken.

    Attributes:
        folder: where they are.
        there: all names in it.
        names: of those shards that are of the last listing of their source, in the order in which they were written.
        stale: how many others there are.
    """

    folder: OutputFolder
    there: Collection[str]
    names: Sequence[str]
    stale: int

    def fetched(self, name: str, copies: Path) -> tuple[Path, Sequence[SkippedImage]]:
        """The file of a shard, here or as a copy in a folder, and the images that were skipped. Raises `CollectionError`."""
        folder, beside = self.folder, name.removesuffix(ENDING) + SKIPPED
        path = copies / name if folder.is_remote else Path(folder.at(name))
        try:
            if folder.is_remote:
                with folder.reading(name) as file, path.open("wb") as out:
                    shutil.copyfileobj(file, out)
            if beside not in self.there:
                return path, []
            with folder.reading(beside) as file:
                return path, read_skipped(file)
        except (OSError, ValueError) as error:
            raise CollectionError(
                f"{folder.at(name)}: cannot be read ({error}): remove it, and encode its shard again"
            ) from error


def shard_files(place: str) -> ShardFiles:
    """The files of a folder of shards, which is listed once.

    Raises:
        CollectionError: there is no such folder, no shard in it, or a damaged listing.
        SourceError: its store cannot be reached.
    """
    folder = OutputFolder(place)
    times = folder.names()
    found = [name for _, name in sorted((time, name) for name, time in times.items() if SHARD.fullmatch(name))]
    if not found:
        raise CollectionError(f"{folder.place}: no shards are there: name the folder that `podoba index --into` wrote to")
    current = current_shards(folder, times)
    names = [name for name in found if current is None or name.removesuffix(ENDING) in current]
    return ShardFiles(folder, times, names, len(found) - len(names))


def source_of(path: Path) -> str | None:
    """What items of a file remember of their source; None where another program wrote it."""
    try:
        with path.open("rb") as file:
            return facts_in(file).source
    except (OSError, ValueError):
        return None


def _note(store: Store, left_out: Sequence[SkippedImage], path: Path) -> None:
    """Note images as damaged and forget what was in their place before; those in the file are damaged no longer."""
    import pyarrow.parquet as pq

    noted = {record_id(uri): uri for uri in store.skipped.select()}
    if noted:
        store.skipped.remove(noted[id_] for id_ in pq.read_table(path, columns=["id"])["id"].to_pylist() if id_ in noted)
    damaged = [one for one in left_out if one.damaged]
    store.skipped.put((one.uri, one.stamp, one.reason) for one in damaged)
    store.items.remove([record_id(one.uri) for one in damaged])
