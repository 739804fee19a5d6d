"""Checksums inside a collection's file: SQLite notices a torn page, but not a flipped bit in a row.

Each item and each descriptor carries its own; the facts, and the shapes of the tables, share one that is a fact itself.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from podoba.arrays import Floats

FACT = "checksum"  # the key of the checksum of the facts
STORED = np.dtype("<f4")  # how the numbers of a descriptor are stored


def add_checksums(connection: sqlite3.Connection) -> None:
    """Let SQL use `checksum(text)` and `checksum(blob, number)`."""
    connection.create_function("checksum", 1, _of_text, deterministic=True)
    connection.create_function("checksum", 2, of_descriptor, deterministic=True)


def checksum_of(values: Iterable[str]) -> str:
    """SQL of the checksum of a row whose columns have these values (names of columns, or bound ones)."""
    return f"checksum({' || char(31) || '.join(f'quote({value})' for value in values)})"


def checksum_of_row(values: Sequence[str | bytes | int | None]) -> int:
    """What SQL's `checksum_of` gives for these values, in a fifth of its time: a search reads many rows."""
    text = "\x1f".join([f"'{value}'" if value.__class__ is str else "NULL" if value is None else str(value) for value in values])
    texts = sum([value.__class__ is str for value in values])
    if text.count("'") != 2 * texts or "\0" in text:
        text = "\x1f".join(map(_quoted, values))
    return _of_text(text)


def _quoted(value: str | bytes | int | None) -> str:
    """SQLite's `quote(value)`, which ends a text at a zero character."""
    if isinstance(value, str):
        return "'" + value.partition("\0")[0].replace("'", "''") + "'"
    if isinstance(value, bytes):
        return f"X'{value.hex().upper()}'"
    return "NULL" if value is None else str(value)


def of_descriptor(blob: bytes, number: int) -> int:
    """The checksum (CRC-32) of a descriptor, which also ties it to its item."""
    return zlib.crc32(blob, number & 0xFFFFFFFF)


def to_blob(descriptor: Floats) -> bytes:
    """How a descriptor (dim,) is stored: little-endian float32."""
    return np.ascontiguousarray(descriptor, dtype=STORED).tobytes()


def descriptor_rows(numbers: Iterable[int], descriptors: Iterable[Floats]) -> Iterator[tuple[int, bytes, int]]:
    """Rows of a table of descriptors: item, vector, checksum."""
    for number, descriptor in zip(numbers, descriptors, strict=True):
        blob = to_blob(descriptor)
        yield number, blob, of_descriptor(blob, number)


def update_facts_checksum(connection: sqlite3.Connection) -> None:
    """Store the checksum of the facts and of the shapes of the tables as they are now."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [FACT, _of_facts(connection)[0]])


def facts_problem(connection: sqlite3.Connection) -> str | None:
    """What is wrong where a fact is not what was written, else None."""
    now, stored = _of_facts(connection)
    return None if now == stored else "a fact about the collection is not what was written"


def _of_facts(connection: sqlite3.Connection) -> tuple[str, str | None]:
    """The checksum of the facts as they are, and the one that was stored; read in one statement, hence of one state."""
    rows = connection.execute(
        "SELECT 'fact', key, value FROM facts UNION ALL SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
    ).fetchall()
    stored = next((str(value) for kind, key, value in rows if (kind, key) == ("fact", FACT)), None)
    text = "\x1e".join("\x1f".join(map(str, row)) for row in rows if row[:2] != ("fact", FACT))
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}", stored


def _of_text(text: str | None) -> int:
    return zlib.crc32((text or "").encode("utf-8", "surrogatepass"))
