"""The descriptors of a collection in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.collection.storage.checksums import seal_descriptor
from podoba.errors import CollectionError

BLOCK = 4096  # rows read at once: what is held twice while loading
STORED = np.dtype("<f4")
ALL = "SELECT item, vector, seal FROM descriptors ORDER BY item"


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
        count, rows = "SELECT count(*) FROM descriptors", ALL
    else:
        chosen = f"FROM items JOIN descriptors ON item = number WHERE {condition}"
        count, rows = f"SELECT count(*) {chosen}", f"SELECT item, vector, descriptors.seal {chosen} ORDER BY number"
    total = int(connection.execute(count, values).fetchone()[0])
    numbers = np.empty(total, dtype=np.int64)
    matrix = np.empty((total, dim), dtype=np.float32)
    start = 0
    for some, part in read_parts(connection, path, dim, rows, values):
        stop = start + len(some)
        numbers[start:stop], matrix[start:stop] = some, part
        start = stop
    return Vectors(numbers[:start], matrix[:start])


def read_parts(
    connection: sqlite3.Connection, path: Path, dim: int, statement: str = ALL, values: Sequence[Any] = ()
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Parts (numbers (n,), matrix (n, dim)) of the rows (item, vector, seal) that a statement gives; few are held at once.

    Raises:
        CollectionError: a descriptor that is not what was written.
    """
    cursor = connection.execute(statement, values)
    while block := cursor.fetchmany(BLOCK):
        blobs = [row[1] for row in block]
        whole = dim * STORED.itemsize
        if any(len(blob) != whole or seal_descriptor(blob, item) != seal for item, blob, seal in block):
            raise CollectionError(f"{path}: a descriptor is damaged: `podoba check {path}` names its item")
        numbers = np.array([row[0] for row in block], dtype=np.int64)
        yield numbers, np.frombuffer(b"".join(blobs), dtype=STORED).reshape(len(block), dim)
