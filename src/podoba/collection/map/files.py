"""The file beside a collection where a map that took long is kept: whole and of this collection, or not used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from podoba.arrays import Indices
from podoba.collection.map.points import Layout, MapPoints
from podoba.files import replacing

MAGIC = b"podoba map 1\n"


class DamagedMap(Exception):
    """A file that is not what was written; the map can be made again."""


class MapFacts(BaseModel):
    """What a map was made of.

    Attributes:
        generation, token: of the collection, as `current_generation` gives them.
        fingerprint: of the model.
        rows: items on it.
        fitted: to how many of them the layout was fitted; the others were placed by their neighbours.
        seconds: that it took.
        seed: of everything that was drawn.
    """

    model_config = ConfigDict(extra="forbid")

    layout: Layout
    generation: int
    token: str
    fingerprint: str
    rows: int
    fitted: int
    seconds: float
    seed: int


def map_path(folder: Path, layout: Layout) -> Path:
    """The file of a layout in the cache folder of a collection (`IndexCache.folder`)."""
    return folder / f"map-{layout}"


def write_map(path: Path, facts: MapFacts, points: MapPoints, checksums: Indices) -> None:
    """Write a map, atomically.

    Args:
        checksums: int64 (n,), of the descriptors that the points were made of, as `DescriptorTable.checksums` gives them.

    Raises:
        OSError: a full disk, or a place that cannot be written.
    """
    head = facts.model_dump_json().encode() + b"\n"
    body = points.numbers.astype("<i8").tobytes() + checksums.astype("<u4").tobytes() + points.places.astype("<u2").tobytes()
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as draft:
        draft.write_bytes(MAGIC + _digest(head + body) + head + body)


def read_map(path: Path) -> tuple[MapFacts, MapPoints, Indices]:
    """What `write_map` wrote.

    Raises:
        DamagedMap: it is not what was written.
        OSError: it is not there, or cannot be read.
    """
    data = path.read_bytes()
    size = len(MAGIC) + 65
    if not data.startswith(MAGIC) or data[len(MAGIC) : size] != _digest(data[size:]):
        raise DamagedMap(f"{path}: not what was written")
    head, body = data[size:].split(b"\n", 1)
    facts = MapFacts.model_validate(json.loads(head))
    rows = facts.rows
    numbers = np.frombuffer(body, dtype="<i8", count=rows)
    checksums = np.frombuffer(body, dtype="<u4", count=rows, offset=8 * rows).astype(np.int64)
    places = np.frombuffer(body, dtype="<u2", count=2 * rows, offset=12 * rows).reshape(rows, 2)
    return facts, MapPoints(numbers, places), checksums


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode() + b"\n"
