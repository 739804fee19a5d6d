"""Bringing a collection's cache up to date: nothing for a small collection, little for small additions, else a new index."""

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.index.block_checksums import DamagedCache, file_checksum
from podoba.collection.index.build import Built, add_rows, build_index
from podoba.collection.index.files import IndexCache, IndexFacts, Manifest
from podoba.collection.index.rows import Rows
from podoba.collection.index.settings import IndexSettings
from podoba.collection.index.view import IndexView, open_view
from podoba.collection.storage.generations import current_generation, forget_before
from podoba.collection.storage.store import Store
from podoba.progress import OnProgress

PART = 4096  # rows copied at a time


@dataclass(frozen=True)
class State:
    """How the cache stands to the collection.

    Attributes:
        wanted: whether the collection is large enough to have one.
        manifest, view: what is there and whole, or None.
        fresh: whether nothing is to be done.
    """

    wanted: bool
    manifest: Manifest | None
    view: IndexView | None
    fresh: bool


def state_of(store: Store, cache: IndexCache, settings: IndexSettings) -> State:
    """Look at the cache, in a snapshot. Raises `CollectionError` where the collection's file is damaged."""
    dim = store.models.dim
    view = open_view(store, cache, settings.largest_k)
    manifest = None if view is None else cache.read_manifest()
    wanted = 4 * store.database.number("SELECT count(*) FROM items") * dim > settings.exact_bytes
    if view is None or manifest is None:
        return State(wanted, None, None, not wanted and cache.read_manifest() is None)
    rows = max(1, manifest.rows)
    beside = 0 if view.fresh is None else view.fresh.matrix.nbytes
    settled = manifest.index is not None or manifest.why_none is not None
    fresh = wanted and settled and beside <= settings.beside_bytes and (rows - view.valid) <= settings.dead * rows
    return State(wanted, manifest, view, fresh)


def refresh(
    store: Store, cache: IndexCache, settings: IndexSettings, target: float, force: bool, on_progress: OnProgress | None
) -> str | None:
    """As `DescriptorIndex.refresh`; to be called with the right to write, so that nothing changes meanwhile."""
    connection = store.database.connection
    with store.snapshot():
        state = state_of(store, cache, settings)
    if not state.wanted:
        cache.remove()
        with store.transaction():
            forget_before(connection, current_generation(connection)[0])
        return None
    if state.fresh and not force:
        return None if state.manifest is None else state.manifest.why_none
    try:
        try:
            manifest = _derive(store, cache, state, settings, target, force, on_progress)
        except DamagedCache:  # from the collection's file alone, then
            manifest = _derive(store, cache, State(True, None, None, False), settings, target, True, on_progress)
        cache.write_manifest(manifest)
    except (OSError, RuntimeError, MemoryError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())[:200] or "too little memory"
        return f"no index could be made ({reason}), so searching stays exact: make room and `podoba check {store.path} --repair`"
    finally:
        cache.sweep()
    with store.transaction():
        forget_before(connection, manifest.generation)
    return manifest.why_none


def _derive(
    store: Store,
    cache: IndexCache,
    state: State,
    settings: IndexSettings,
    target: float,
    force: bool,
    on_progress: OnProgress | None,
) -> Manifest:
    """Write descriptors and index into new files. Raises `DamagedCache`, `OSError`, `RuntimeError`, `MemoryError`."""
    old = state.manifest
    grows = not force and old is not None and state.view is not None and _can_grow(state.view, old, settings)
    with store.snapshot():
        generation, token = current_generation(store.database.connection)
        dim = store.models.dim
        appended = None if state.view is None or not grows else _appended(state.view)
        name = f"descriptors-{secrets.token_hex(8)}"
        rows, size, checksum = cache.write_descriptors(name, dim, appended or store.descriptors.parts())
    manifest = Manifest(
        generation=generation, token=token, fingerprint=store.models.fingerprint or "", dim=dim, rows=rows, file=name,
        bytes=size, checksum=checksum,
    )  # fmt: skip
    if state.manifest is None:
        cache.write_manifest(manifest)  # so that they are mapped while the index is built
    mapped = cache.map_descriptors(manifest)
    written = Rows(mapped.numbers, mapped.matrix, mapped.verified)
    started = time.perf_counter()
    if grows and old is not None and old.index is not None:
        index = _read_index(cache.open_index(old.index))
        add_rows(index, written, np.arange(old.rows, rows), settings.added, on_progress)
        facts = old.index.model_copy(update=_written(index, cache.folder))
        return manifest.model_copy(update={"index": facts})
    built = build_index(written, target, settings, on_progress)
    if built.index is None:
        return manifest.model_copy(update={"why_none": built.why_none})
    return manifest.model_copy(update={"index": _facts(built, cache.folder, target, rows, time.perf_counter() - started)})


def _can_grow(view: IndexView, manifest: Manifest, settings: IndexSettings) -> bool:
    """Whether new rows can be added to the index as it is: where not too much has changed since it was built."""
    if manifest.index is None:
        return False
    came = len(view) - view.valid + manifest.rows - manifest.index.built
    went = manifest.rows - view.valid
    return came + went <= settings.worn * manifest.index.built and went <= settings.dead * manifest.rows


def _appended(view: IndexView) -> Iterator[tuple[Indices, Floats]]:
    """The rows of a view as they lie, those that are no longer valid without a number, then those that came since."""
    numbers = view.base.numbers if view.alive is None else np.where(view.alive, view.base.numbers, -1)
    for start in range(0, len(numbers), PART):
        places = np.arange(start, min(start + PART, len(numbers)))
        yield numbers[places], view.base.take(places)
    if view.fresh is not None:
        yield view.fresh.numbers, view.fresh.matrix


def _facts(built: Built, folder: Path, target: float, rows: int, seconds: float) -> IndexFacts:
    return IndexFacts(
        **_written(built.index, folder), kind=built.kind, codes="8 bit", sample=built.sample.tolist(), width=built.width,
        candidates=built.candidates, recall=built.recall, target=target, built=rows, seconds=seconds,
    )  # fmt: skip


def _written(index: Any, folder: Path) -> dict[str, Any]:
    import faiss

    path = folder / f"index-{secrets.token_hex(8)}"
    faiss.write_index(index, str(path))
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return {"file": path.name, "bytes": path.stat().st_size, "checksum": file_checksum(path)}


def _read_index(path: Path) -> Any:
    import faiss

    return faiss.read_index(str(path))
