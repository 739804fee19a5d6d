"""What a collection holds, and what is wrong with it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podoba.collection.items import from_name, shown
from podoba.collection.origin import container_of
from podoba.collection.schema import explain

if TYPE_CHECKING:
    from podoba.collection.store import Collection

UNIT = 1e-3  # by which a descriptor's length may be off


def describe(collection: Collection, connection: sqlite3.Connection) -> dict[str, Any]:
    """What `podoba info --json` prints."""

    def one(statement: str) -> int:
        return int(connection.execute(statement).fetchone()[0])

    card = collection.card
    return {
        "collection": shown(str(collection.path)),
        "items": one("SELECT count(*) FROM items"),
        "labels": one("SELECT count(DISTINCT label) FROM items"),
        "attributes": collection.attribute_names(),
        "skipped": one("SELECT count(*) FROM skipped"),
        "dim": card.dim if card else None,
        "model": collection.fact("model"),
        "fingerprint": collection.fact("fingerprint"),
        "generation": collection.generation,
        "bytes": collection.path.stat().st_size,
        "index": {"kind": "exact", "recall@10": 1.0, "fresh": True},
    }


def find_problems(collection: Collection, connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the file or its images, a line each; empty where all is well."""
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        problems = [] if found == ["ok"] else [f"the file is damaged: {line}" for line in found]
        card = collection.card
        dim = card.dim if card is not None else -1
        rows = connection.execute("SELECT id, uri, vector FROM items LEFT JOIN descriptors ON item = number ORDER BY number")
        for id_, name, blob in rows:
            uri = from_name(name)
            if not _is_unit(blob, dim):
                problems.append(f"{shown(uri)}: the descriptor of {id_} is damaged: remove the item and index again")
            place = container_of(uri) or uri
            if place.startswith("/") and not Path(place).exists():
                problems.append(f"{shown(uri)}: the image is gone: index its folder again")
    except sqlite3.DatabaseError as error:
        return [explain(collection.path, error)]
    return problems


def _is_unit(blob: bytes | None, dim: int) -> bool:
    if blob is None or len(blob) != 4 * dim:
        return False
    values = np.frombuffer(blob, dtype="<f4").astype(np.float64)
    return bool(abs(np.sqrt(values @ values) - 1) < UNIT)
