"""Files of descriptors that were computed elsewhere, or exported: `.parquet`, `.npz`, `.csv`."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.collection.transfer.export import FILE_FACTS, MODEL, PROMISED
from podoba.errors import CollectionError
from podoba.images.sources.manifest import columns_of_codes, read_attribute
from podoba.parallel import batches

ROWS = 4096  # rows read at a time
DESCRIPTOR = ("descriptor", "embedding", "vector")  # names under which other programs write them
URI = ("uri", "path", "image", "file", "filename")
KNOWN = {*URI, *DESCRIPTOR, *PROMISED, *FILE_FACTS, "split"}  # columns with a meaning of their own; any other is an attribute


@dataclass(frozen=True)
class DescriptorBatch:
    """Some rows: descriptors float32 (n, dim), as they are in the file, and the other columns by name."""

    descriptors: NDArray[np.float32]
    columns: Mapping[str, Sequence[Any]]

    def column(self, names: Sequence[str]) -> Sequence[Any] | None:
        """The first of these columns that is there."""
        return next((self.columns[name] for name in names if name in self.columns), None)


@dataclass(frozen=True)
class DescriptorFile:
    """A file, and the facts of the model that it names (keys `model`, `path`, `fingerprint`, `card`), or None."""

    path: Path
    model: Mapping[str, str] | None
    batches: Iterator[DescriptorBatch]


def open_descriptors(path: Path) -> DescriptorFile:
    """Open a file of descriptors: a column `descriptor` (or `embedding`, `vector`), `uri` (or `path` ...), and any others.

    Raises:
        CollectionError: missing, of another form, or without these columns; also while its batches are read.
    """
    if not path.is_file():
        raise CollectionError(f"{path}: no such file: name one that was exported, or written by another program")
    reader = {".parquet": _parquet, ".npz": _npz, ".csv": _csv}.get(path.suffix.lower())
    if reader is None:
        raise CollectionError(f"{path}: unknown form of descriptors: .parquet, .npz or .csv")
    try:
        return reader(path)
    except (OSError, ValueError, csv.Error) as error:
        raise CollectionError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]}): check the file") from error


def _parquet(path: Path) -> DescriptorFile:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    names = file.schema_arrow.names
    own = _named(path, names)
    facts = (file.schema_arrow.metadata or {}).get(MODEL.encode())

    def read() -> Iterator[DescriptorBatch]:
        for batch in file.iter_batches(ROWS):
            lists = batch.column(own)
            given = lists.drop_null()
            lengths = given.value_lengths() if hasattr(given, "value_lengths") else None
            values = given.flatten().to_numpy(zero_copy_only=False)
            width = len(values) // max(1, len(given))
            if (lengths is not None and set(lengths.to_pylist()) - {width}) or len(values) != width * len(given):
                raise CollectionError(f"{path}: descriptors of different lengths: they must all have the same")
            columns = {name: batch.column(name).to_pylist() for name in names if name != own}
            descriptors = values.reshape(len(given), width).astype(np.float32)
            yield DescriptorBatch(_with_gaps(descriptors, np.asarray(lists.is_valid())), columns)

    return DescriptorFile(path, None if facts is None else json.loads(facts), read())


def _npz(path: Path) -> DescriptorFile:
    with np.load(path, allow_pickle=False) as arrays:
        others = {name: arrays[name] for name in arrays}
    own = _named(path, list(others))
    facts = others.pop(MODEL, None)
    descriptors = others.pop(own)
    if descriptors.ndim != 2 or any(len(column) != len(descriptors) for column in others.values()):
        raise CollectionError(f"{path}: {own} must be (n, dim), and every other array of length n")

    def read() -> Iterator[DescriptorBatch]:
        for start in range(0, len(descriptors), ROWS):
            some = slice(start, start + ROWS)
            columns = {
                name: [None if value == "" else value for value in column[some].tolist()] for name, column in others.items()
            }
            yield DescriptorBatch(descriptors[some].astype(np.float32), columns)

    return DescriptorFile(path, None if facts is None else json.loads(str(facts)), read())


def _csv(path: Path) -> DescriptorFile:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        names = rows.fieldnames or []
        own = _named(path, names)
        others = [name for name in names if name not in (own, *KNOWN)]
        codes = columns_of_codes(rows, others)

    def read() -> Iterator[DescriptorBatch]:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            for some in batches(rows, ROWS):
                try:
                    given = np.array([bool(row[own]) for row in some])
                    numbers = np.array([json.loads(row[own]) for row in some if row[own]], dtype=np.float32)
                    descriptors = _with_gaps(numbers if len(numbers) else numbers.reshape(0, 0), given)
                except (ValueError, TypeError) as error:
                    raise CollectionError(
                        f"{path}: a descriptor before line {rows.line_num} is no JSON list ({error})"
                    ) from error
                columns: dict[str, Sequence[Any]] = {name: [row[name] or None for row in some] for name in names if name != own}
                columns |= {name: [read_attribute(row[name], name in codes) for row in some] for name in others}
                yield DescriptorBatch(descriptors, columns)

    return DescriptorFile(path, None, read())


def _with_gaps(descriptors: NDArray[np.float32], given: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Descriptors (n, dim) of all rows, from those of the rows that have one, bool (n,); of the others they are not finite."""
    whole = np.full((len(given), *descriptors.shape[1:]), np.nan, dtype=np.float32)
    whole[given] = descriptors
    return whole


def _named(path: Path, names: Sequence[str]) -> str:
    """The column of the descriptors."""
    for name in DESCRIPTOR:
        if name in names:
            if not set(URI) & set(names):
                raise CollectionError(f"{path}: no column {URI[0]} (or {', '.join(URI[1:])}) that says which image it is")
            return name
    raise CollectionError(f"{path}: no column {', '.join(DESCRIPTOR)} (it has {', '.join(names)[:200]})")
