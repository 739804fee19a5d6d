"""From a collection's cache to its descriptors at this moment: what changed since is read from the file itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from podoba.arrays import Floats
from podoba.collection.index.exact import Numbers, Rows
from podoba.collection.index.files import IndexCache, IndexFacts, Manifest
from podoba.collection.index.hnsw import NeighbourIndex
from podoba.collection.index.view import Gallery
from podoba.collection.storage.descriptors import read_parts
from podoba.collection.storage.generations import touched_since


def open_gallery(
    connection: sqlite3.Connection, path: Path, cache: IndexCache, fingerprint: str | None, dim: int
) -> Gallery | None:
    """The descriptors of a collection by way of its cache; None where there is none that is sound and of this collection.

    To be called in one transaction.

    Raises:
        CollectionError: the collection's file is damaged.
    """
    manifest = cache.read_manifest()
    if manifest is None or (manifest.fingerprint, manifest.dim) != (fingerprint, dim):
        return None
    try:
        touched = touched_since(connection, manifest.generation, manifest.token)
        if touched is None:
            return None
        mapped = cache.map_descriptors(manifest)
        base = Rows(mapped.numbers, mapped.matrix, mapped.seal)
        index = None if manifest.index is None else _index(cache, manifest.index, manifest)
    except (OSError, ValueError):
        return None
    alive = base.numbers >= 0
    alive[Gallery(base).places(touched)] = False
    return Gallery(base, None if alive.all() else alive, _fresh(connection, path, dim, touched), index)


def _index(cache: IndexCache, facts: IndexFacts, manifest: Manifest) -> NeighbourIndex:
    held = np.array(facts.held, dtype=np.int64)
    index = NeighbourIndex.open(cache.open_index(facts), facts.kind, facts.width, facts.candidates, held, facts.built)
    if len(index) != manifest.rows:
        raise ValueError("an index of another size")
    return index


def _fresh(connection: sqlite3.Connection, path: Path, dim: int, touched: Numbers) -> Rows | None:
    parts: list[tuple[Numbers, Floats]] = []
    for start in range(0, len(touched), 500):  # far below the number of values that SQLite binds
        some = [int(number) for number in touched[start : start + 500]]
        statement = f"SELECT item, vector, seal FROM descriptors WHERE item IN ({', '.join('?' * len(some))}) ORDER BY item"
        parts.extend(read_parts(connection, path, dim, statement, some))
    if not parts:
        return None
    return Rows(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
