"""Items with descriptors and attributes as one file for other programs."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.collection.store import Collection
from podoba.errors import CollectionError


def export(collection: Collection, path: Path, where: str | None = None) -> int:
    """Write id, uri, label, descriptor and attributes to `.parquet`, `.csv` or `.npz`; gives back the number of items.

    Raises:
        CollectionError: another ending, or a folder that cannot be written.
    """
    writers = {".parquet": _parquet, ".csv": _csv, ".npz": _npz}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise CollectionError(f"{path}: unknown form of export: end the name in .parquet, .csv or .npz")
    items = collection.items(where)
    _, descriptors = collection.descriptors(where)
    names = sorted({name for item in items for name in item.attributes})
    columns: dict[str, list[Any]] = {
        "id": [item.id for item in items],
        "uri": [item.uri for item in items],
        "label": [item.label for item in items],
    }
    for name in names:
        key = name if name not in (*columns, "descriptor") else f"attribute_{name}"
        columns[key] = [item.attributes.get(name) for item in items]
    draft = path.with_name(f".{path.name}.tmp")
    try:
        write(draft, columns, descriptors)
        os.replace(draft, path)
    except OSError as error:
        raise CollectionError(f"{path}: cannot be written ({error.strerror}): choose another place") from error
    return len(items)


def _parquet(path: Path, columns: dict[str, list[Any]], descriptors: NDArray[np.float32]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    offsets = np.arange(len(descriptors) + 1, dtype=np.int32) * descriptors.shape[1]
    values = pa.ListArray.from_arrays(pa.array(offsets), pa.array(descriptors.ravel(), type=pa.float32()))
    arrays = {
        "id": columns.pop("id"),
        "uri": columns.pop("uri"),
        "label": pa.array(columns.pop("label"), type=pa.string()),
    }
    columns = {name: _one_type(column) for name, column in columns.items()}
    pq.write_table(pa.table({**arrays, "descriptor": values, **columns}), path)


def _one_type(column: list[Any]) -> list[Any]:
    """A column of mixed types as text, since a table's column has one."""
    kinds = {type(value) for value in column if value is not None}
    if len(kinds) > 1 and not kinds <= {int, float}:
        return [None if value is None else str(value) for value in column]
    return column


def _csv(path: Path, columns: dict[str, list[Any]], descriptors: NDArray[np.float32]) -> None:
    numbers = [f"d{i}" for i in range(descriptors.shape[1])]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, *numbers])
        for *row, descriptor in zip(*columns.values(), descriptors, strict=True):
            writer.writerow([*row, *(repr(float(x)) for x in descriptor)])


def _npz(path: Path, columns: dict[str, list[Any]], descriptors: NDArray[np.float32]) -> None:
    arrays = {name: np.array(["" if value is None else str(value) for value in column]) for name, column in columns.items()}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, descriptor=descriptors, **arrays)
