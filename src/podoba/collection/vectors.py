"""The descriptors of a collection in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.errors import CollectionError

BLOCK = 4096  # rows read at once: what is held twice while loading
STORED = np.dtype("<f4")


@dataclass(frozen=True)
class Vectors:
    """Descriptors and the items they belong to.

    Attributes:
        numbers: int64 (n,), ascending: `items.number`.
        matrix: float32 (n, dim), unit length.
    """

    numbers: NDArray[np.int64]
    matrix: NDArray[np.float32]

    def take(self, numbers: NDArray[np.int64]) -> Vectors:
        """Those of some items; all of `numbers` (ascending) must be here."""
        if len(numbers) == len(self.numbers):
            return self
        return Vectors(numbers, self.matrix[np.searchsorted(self.numbers, numbers)])


def to_blob(descriptor: NDArray[np.float32]) -> bytes:
    """How a descriptor is kept: little-endian float32."""
    return np.ascontiguousarray(descriptor, dtype=STORED).tobytes()


def load_vectors(
    connection: sqlite3.Connection, path: Path, dim: int, condition: str = "1", values: Sequence[Any] = ()
) -> Vectors:
    """The descriptors of the items that an SQL condition lets through, in the order in which the items came.

    To be called in one transaction, since the rows are counted before they are read.

    Raises:
        CollectionError: a descriptor of another length.
    """
    if condition == "1":
        count, rows = "SELECT count(*) FROM descriptors", "SELECT item, vector FROM descriptors ORDER BY item"
    else:
        chosen = f"FROM items JOIN descriptors ON item = number WHERE {condition}"
        count, rows = f"SELECT count(*) {chosen}", f"SELECT item, vector {chosen} ORDER BY number"
    total = int(connection.execute(count, values).fetchone()[0])
    numbers = np.empty(total, dtype=np.int64)
    matrix = np.empty((total, dim), dtype=np.float32)
    cursor = connection.execute(rows, values)
    start = 0
    while block := cursor.fetchmany(BLOCK):
        blobs = [blob for _, blob in block]
        if any(len(blob) != dim * STORED.itemsize for blob in blobs):
            raise CollectionError(f"{path}: a descriptor is damaged: `podoba check {path}` names its item")
        stop = start + len(block)
        numbers[start:stop] = [number for number, _ in block]
        matrix[start:stop] = np.frombuffer(b"".join(blobs), dtype=STORED).reshape(len(block), dim)
        start = stop
    return Vectors(numbers[:start], matrix[:start])
