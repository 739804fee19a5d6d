"""The descriptors of a folder of shards into a collection of a vector database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.transfer.formats import DescriptorFile, open_descriptors
from podoba.collection.transfer.importer import ForeignModel, facts_of, items_of, unit_of
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.record import Skipped
from podoba.images.sources.base import record_id
from podoba.parallel import ahead
from podoba.progress import OnProgress, silent
from podoba.scale.encoding.importing import shard_files, source_of
from podoba.scale.encoding.skipped import SkippedImage
from podoba.scale.vectors.address import parse_address
from podoba.scale.vectors.loading.journal import Journal
from podoba.scale.vectors.open import create_vectors
from podoba.scale.vectors.schema import number_of
from podoba.scale.vectors.settings import DEFAULT, VectorSettings
from podoba.scale.vectors.sidecar import sidecar_path
from podoba.scale.vectors.store import MilvusStore

Part = tuple[list[Item], Floats]
Fetch = Callable[[str, Path], tuple[Path, Sequence[SkippedImage]]]
"""From the name of a file and a folder for copies to the file here, and the images that were left out of it."""
STEP = "loading shards"


@dataclass(frozen=True)
class LoadReport:
    """What a load did; the fields are keys of `podoba vectors load --json`.

    Attributes:
        shards: files that were loaded now.
        known: files that the server had acknowledged before.
        stale: files of shards that a later listing of their source no longer has: they are left out.
        rows: items that were written now.
        items: how many the collection has.
        seconds: in which they were loaded, without the building of the index.
        skipped: images without a descriptor, of the files that were loaded now.
    """

    shards: int
    known: int
    stale: int
    rows: int
    items: int
    seconds: float
    skipped: list[Skipped] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return vars(self) | {"skipped": [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.skipped]}


def load(
    address: str,
    place: str,
    *,
    replicas: int | None = None,
    shards: int | None = None,
    again: bool = False,
    on_progress: OnProgress = silent,
    settings: VectorSettings = DEFAULT,
) -> LoadReport:
    """Load the descriptors of a folder of shards into a collection, which is made where it is not there.

    Files are taken in the order in which they were written, each by several threads; an item of an image that is there is put in
    its place. A file that the server acknowledged wholly is noted on this machine and not read again, so that a process killed
    at any moment loses nothing, and the next call goes on. At the end the index is built.

    Args:
        place: a folder that `podoba index --into` wrote to, a path or an address such as `s3://bucket/descriptors`; or one file
            that `podoba export` wrote.
        replicas: how many times the server holds the collection in memory; None: as it does already, or once.
        shards: parts in which the server writes a collection that is made now; None: one.
        again: also what was acknowledged before.

    Raises:
        CollectionError: no shard, a damaged one, or descriptors of another model; a server that is away or refuses.
        SourceError: the folder's store cannot be reached.
        MissingExtra: `podoba[scale]` is not installed.
    """
    target, started = parse_address(address), time.monotonic()
    names, stale, fetch = _listed(place)
    on_progress(STEP, 0, len(names))
    with TemporaryDirectory(prefix="podoba-") as copies:
        first = open_descriptors(fetch(names[0], Path(copies))[0])
        called, model = _model_of(first)
    store = create_vectors(address, model, called, shards=shards, replicas=replicas, settings=settings).store
    try:
        journal = Journal(sidecar_path(target, ".loaded"), store.remote.identity())
        acknowledged = set[str]() if again else journal.files()
        rows, known, skipped = 0, 0, list[Skipped]()
        for done, name in enumerate(names):
            if name in acknowledged:
                known += 1
                continue
            with TemporaryDirectory(prefix="podoba-") as copies:
                path, left_out = fetch(name, Path(copies))
                for count in ahead(_parts(path, store, skipped), store.put_part, settings.threads, 2 * settings.threads):
                    rows += count
                    on_progress(STEP, done, len(names))
            store.remote.delete([number_of(record_id(one.uri)) for one in left_out if one.damaged])
            skipped += [Skipped(one.uri, one.reason) for one in left_out]
            journal.note(name)
        on_progress(STEP, len(names), len(names))
        seconds = time.monotonic() - started
        store.remote.settle(on_progress)
        return LoadReport(len(names) - known, known, stale, rows, len(store.items), seconds, skipped)
    finally:
        store.close()


def _listed(place: str) -> tuple[Sequence[str], int, Fetch]:
    """The files to be loaded, in their order, how many were left out, and how one is had."""
    path = Path(place).expanduser()
    if path.is_file():
        return [_stamped(path)], 0, lambda name, copies: (path, [])
    files = shard_files(place)
    return files.names, files.stale, files.fetched


def _stamped(path: Path) -> str:
    """A file of any name, with what changes with its contents."""
    status = path.stat()
    return f"{path.absolute()}?{status.st_size}-{status.st_mtime_ns}".replace("\n", "?")


def _model_of(file: DescriptorFile) -> tuple[str, ForeignModel]:
    if file.model is None:
        raise CollectionError(f"{file.path}: does not say which model made its descriptors: import it into a collection first")
    return facts_of(file)


def _parts(path: Path, store: MilvusStore, skipped: list[Skipped]) -> Iterator[Part]:
    """The items of a file and their descriptors, so many at a time as are written at once."""
    file, models = open_descriptors(path), store.models
    called, model = _model_of(file)
    if model.fingerprint != models.fingerprint:
        raise CollectionError(
            f"{path}: its descriptors are of {called!r} ({model.fingerprint}), those of {store.name} of {models.name!r} "
            f"({models.fingerprint}): encode its images with that model, or load into another collection"
        )
    dim, first, source = models.dim, 0, source_of(path) or str(path)
    step = store.remote.settings.batch(dim)
    for batch in file.batches:
        if not len(batch.descriptors):
            continue
        items = items_of(batch, path, first, source)
        descriptors, valid = unit_of(batch, dim, path, store.name)
        skipped += [
            Skipped(items[row].uri, f"its descriptor, of row {first + row + 1}, is missing, zero or not finite")
            for row in np.flatnonzero(~valid).tolist()
        ]
        good = np.flatnonzero(valid)
        for start in range(0, len(good), step):
            some = good[start : start + step]
            yield [items[row] for row in some.tolist()], descriptors[some]
        first += len(items)
