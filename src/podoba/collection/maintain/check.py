"""What a collection holds, and what is wrong with it."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.collection.index.block_checksums import DamagedCache
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.index.refresh import state_of
from podoba.collection.storage.checksums import checksum_of, facts_problem, of_descriptor
from podoba.collection.storage.items import COLUMNS
from podoba.collection.storage.schema import explain
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError, UnreadableImage
from podoba.files import from_name, shown
from podoba.images.decode import decode_pixels
from podoba.images.locate import container_of, find_record
from podoba.images.resize import PixelRule
from podoba.parallel import ahead
from podoba.progress import OnProgress, silent

UNIT = 1e-3  # by which a descriptor's length may be off
SIDE = 32  # of the pixels that an image is decoded to, to see whether it can be: a JPEG is read whole at any scale


def describe(index: DescriptorIndex) -> dict[str, Any]:
    """What `podoba info --json` prints: number of items, dim, model, bytes, index ..."""
    store, one = index.store, index.store.database.number
    with store.snapshot():
        card = store.models.card
        return {
            "collection": shown(str(store.path)),
            "items": one("SELECT count(*) FROM items"),
            "labels": one("SELECT count(DISTINCT label) FROM items"),
            "attributes": store.items.attribute_names(),
            "skipped": one("SELECT count(*) FROM skipped"),
            "exclude": store.skipped.patterns,
            "dim": card.dim if card else None,
            "model": store.models.name,
            "fingerprint": store.models.fingerprint,
            "devices": store.models.devices or None,
            "next": _next_model(store, one("SELECT count(*) FROM next_descriptors")),
            "marks": one("SELECT count(*) FROM marks"),
            "generation": store.database.generation,
            "bytes": store.path.stat().st_size,
            "index": _index(index),
        }


def _next_model(store: Store, done: int) -> dict[str, Any] | None:
    name = store.models.next_name
    return None if name is None else {"model": name, "done": done}


def _index(index: DescriptorIndex) -> dict[str, Any]:
    """How the collection is searched. `beside`: items that are compared one by one because the index does not have them yet."""
    state = state_of(index.store, index.cache, index.settings)
    view, facts = state.view, None if state.manifest is None else state.manifest.index
    size = 0 if state.manifest is None else state.manifest.bytes + (0 if facts is None else facts.bytes)
    beside = 0 if view is None or view.fresh is None else len(view.fresh.numbers)
    if view is None or facts is None:
        why = state.manifest.why_none if state.manifest is not None else None
        return {"kind": "exact", "recall@10": 1.0, "fresh": state.fresh, "beside": beside, "bytes": size, "why": why}
    return {
        "kind": facts.kind, "recall@10": facts.recall, "fresh": state.fresh, "beside": beside, "bytes": size, "why": None,
        "codes": facts.codes, "width": facts.width, "candidates": facts.candidates, "target": facts.target,
        "sample": len(facts.sample), "seconds": round(facts.seconds, 1),
    }  # fmt: skip


def find_problems(index: DescriptorIndex, images: bool = False, on_progress: OnProgress = silent) -> list[str]:
    """What is wrong with the file, its images or its cache, a line each; empty where all is well.

    Args:
        images: decode every image too, as indexing and searching do.
    """
    store, connection = index.store, index.store.database.connection
    try:
        integrity = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        problems = [] if integrity == ["ok"] else [f"the file is damaged: {line}" for line in integrity]
        facts = facts_problem(connection)
        problems += [] if facts is None else [f"the file is damaged: {facts}"]
        damaged = {number: f"{shown(uri)}: {what}" for number, uri, what in damaged_items(store)}
        problems += damaged.values()
        unsound = store.marks.damaged()
        problems += [f"{unsound} marks are damaged: `podoba check {store.path} --repair` forgets them"] if unsound else []
        undecided = store.decisions.damaged()
        lost = f"{undecided} decisions about duplicates are damaged: `podoba check {store.path} --repair` forgets them"
        problems += [lost] if undecided else []
        present: list[str] = []
        for number, name, content in connection.execute("SELECT number, uri, content FROM items ORDER BY number"):
            uri = from_name(name)
            place = container_of(uri) or uri
            if number not in damaged and place.startswith("/") and not Path(place).exists():
                problems.append(f"{shown(uri)}: the image is gone: index its folder again, or forget it with `podoba remove`")
            elif number not in damaged and images and content:  # without it only the descriptor was ever here
                present.append(uri)
        problems += unreadable_images(present, on_progress)
        with store.snapshot():
            problems += cache_problems(index)
    except sqlite3.DatabaseError as error:
        return [explain(store.path, error)]
    except CollectionError as error:
        problems.append(str(error))
    return problems


def damaged_items(store: Store) -> list[tuple[int, str, str]]:
    """Number, uri and what is wrong of items whose row or descriptor is not what was written."""
    card = store.models.card
    dim = card.dim if card is not None else -1
    rows = store.database.connection.execute(
        f"SELECT number, id, uri, items.checksum IS {checksum_of(f'items.{name}' for name in COLUMNS)}, "
        "vector, descriptors.checksum FROM items LEFT JOIN descriptors ON item = number ORDER BY number"
    )
    damaged = []
    for number, id_, uri, sound, vector, checksum in rows:
        if not sound:
            damaged.append((number, from_name(uri), f"item {id_} is damaged: remove it and index again"))
        elif not _is_unit(vector, dim) or of_descriptor(vector, number) != checksum:
            damaged.append((number, from_name(uri), f"the descriptor of {id_} is damaged: remove the item and index again"))
    return damaged


def unreadable_images(uris: Sequence[str], on_progress: OnProgress = silent) -> list[str]:
    """The images that cannot be decoded whole, a line each."""

    def problem(uri: str) -> str | None:
        try:
            decode_pixels(find_record(uri).open(), uri, PixelRule(SIDE))
        except UnreadableImage as error:
            return f"{shown(uri)}: {error.reason}: bring back a whole copy, or index its folder again"
        return None

    found = []
    for done, line in enumerate(ahead(uris, problem), start=1):
        on_progress("reading images", done, len(uris))
        if line is not None:
            found.append(line)
    return found


def cache_problems(index: DescriptorIndex) -> list[str]:
    """What is wrong with the cache: bytes that are not what was written, or not what the file has."""
    store, cache, manifest = index.store, index.cache, index.cache.read_manifest()
    mend = f"`podoba check {store.path} --repair` rebuilds it"
    if manifest is None:
        unread = (cache.folder / "manifest.json").exists()
        return [f"{cache.folder}: the cache is damaged (its manifest cannot be read): {mend}"] if unread else []
    state = state_of(index.store, index.cache, index.settings)
    try:
        if manifest.index is not None:
            cache.open_index(manifest.index)
        mapped = cache.map_descriptors(manifest)
        mapped.verified.verify(0, len(mapped.verified.data))
    except (OSError, DamagedCache) as error:
        return [f"{cache.folder}: the cache is damaged ({error}): {mend}"]
    if state.view is None:
        return [f"{cache.folder}: the cache is stale (of another state or model): {mend}"]
    alive = np.ones(manifest.rows, dtype=np.bool_) if state.view.alive is None else state.view.alive
    for row in np.flatnonzero(alive):
        number = int(mapped.numbers[row])
        stored = store.database.connection.execute("SELECT vector FROM descriptors WHERE item = ?", [number]).fetchone()
        if stored is None or stored[0] != mapped.matrix[row].tobytes():
            return [f"{cache.folder}: the cache is damaged (item number {number} differs): {mend}"]
    return []


def _is_unit(blob: bytes | None, dim: int) -> bool:
    if blob is None or len(blob) != 4 * dim:
        return False
    values = np.frombuffer(blob, dtype="<f4").astype(np.float64)
    return bool(abs(np.sqrt(values @ values) - 1) < UNIT)
