"""Items with descriptors and attributes as one file for other programs."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from podoba.collection.descriptor_store import Floats
from podoba.collection.items import Item, shown
from podoba.collection.store import Collection
from podoba.errors import CollectionError

Write = Callable[[Path, list[Item], Floats], None]


def export(collection: Collection, path: Path, where: str | None = None) -> int:
    """Write the columns id, uri, label, descriptor and attributes to `.parquet`, `.csv` or `.npz`.

    The descriptor is a list of float32 in Parquet, an array (n, dim) in `.npz`, a JSON list in CSV; attributes are a JSON object
    as text. A missing label is null, or empty text in CSV and `.npz`. The file is put in place only when it is whole.

    Args:
        where: only items of this filter (`compile_filter`).

    Returns:
        number of items written.

    Raises:
        CollectionError: another ending, or a place that cannot be written.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise CollectionError(f"{path}: unknown form of export: end the name in {', '.join(WRITERS)}")
    with collection.snapshot():
        items, vectors = collection.items(where), collection.vectors(where)
    draft = path.with_name(f".{os.getpid()}.{path.suffix[1:]}.part")
    try:
        write(draft, items, vectors.matrix)
        os.replace(draft, path)
    except OSError as error:
        raise CollectionError(f"{path}: cannot be written ({error.strerror or error}): choose another place") from error
    finally:
        draft.unlink(missing_ok=True)
    return len(items)


def _attributes(item: Item) -> str:
    return json.dumps(dict(item.attributes), ensure_ascii=False, sort_keys=True)


def _parquet(path: Path, items: list[Item], descriptors: Floats) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    starts = pa.array(np.arange(len(items) + 1) * descriptors.shape[1], type=pa.int64())
    lists = pa.LargeListArray.from_arrays(starts, pa.array(descriptors.ravel(), type=pa.float32()))
    columns = {
        "id": pa.array([item.id for item in items], type=pa.string()),
        "uri": pa.array([shown(item.uri) for item in items], type=pa.string()),
        "label": pa.array([item.label for item in items], type=pa.string()),
        "descriptor": lists.cast(pa.list_(pa.float32())),
        "attributes": pa.array([_attributes(item) for item in items], type=pa.string()),
    }
    pq.write_table(pa.table(columns), path)


def _csv(path: Path, items: list[Item], descriptors: Floats) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "uri", "label", "descriptor", "attributes"])
        for item, descriptor in zip(items, descriptors, strict=True):
            numbers = f"[{', '.join(descriptor.astype(str))}]"  # the shortest digits that give back each float32
            writer.writerow([item.id, shown(item.uri), item.label, numbers, _attributes(item)])


def _npz(path: Path, items: list[Item], descriptors: Floats) -> None:
    with path.open("wb") as file:
        np.savez(
            file,
            id=np.array([item.id for item in items], dtype=str),
            uri=np.array([shown(item.uri) for item in items], dtype=str),
            label=np.array([item.label or "" for item in items], dtype=str),
            descriptor=descriptors,
            attributes=np.array([_attributes(item) for item in items], dtype=str),
        )


WRITERS: dict[str, Write] = {".parquet": _parquet, ".csv": _csv, ".npz": _npz}
