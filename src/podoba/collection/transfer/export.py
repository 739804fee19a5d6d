"""Items with descriptors and attributes as one file for other programs, and for `import_items`."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError
from podoba.files import replacing, shown

Write = Callable[[Path, list[Item], Floats, str], None]
MODEL = "podoba"  # key of the model's facts in a Parquet file's metadata, and in an .npz file
PROMISED = ("id", "uri", "label", "descriptor", "attributes")
FILE_FACTS = ("width", "height", "format", "size", "content", "stamp")  # by which an import knows the image again


def export(index: DescriptorIndex, path: Path, where: str | None = None) -> int:
    """Write the columns id, uri, label, descriptor, attributes and what is known of the file to `.parquet`, `.csv` or `.npz`.

    The descriptor is a list of float32 in Parquet, an array (n, dim) in `.npz`, a JSON list in CSV; attributes are a JSON object
    as text. A missing label is null, or empty text in CSV and `.npz`. Parquet and `.npz` also name the model. The file is put in
    place only when it is whole.

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
    with index.store.snapshot():
        items, vectors = index.store.items.select(where), index.vectors(where)
        model = json.dumps(index.store.models.facts())
    try:
        with replacing(path) as draft:
            write(draft, items, vectors.matrix, model)
    except OSError as error:
        raise CollectionError(f"{path}: cannot be written ({error.strerror or error}): choose another place") from error
    return len(items)


def _attributes(item: Item) -> str:
    return json.dumps(dict(item.attributes), ensure_ascii=False, sort_keys=True)


def _texts(items: Sequence[Item]) -> dict[str, list[str]]:
    """The columns that are text in every form."""
    return {
        "id": [item.id for item in items],
        "uri": [shown(item.uri) for item in items],
        "attributes": [*map(_attributes, items)],
    }


def write_parquet(
    path: Path, items: Sequence[Item], descriptors: Floats, model: str, more: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write items with their descriptors (n, dim), float32, as `export` does.

    Args:
        model: the facts of the model, JSON, as `ModelTable.facts`.
        more: further metadata of the file.

    Raises:
        OSError: it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    starts = pa.array(np.arange(len(items) + 1) * descriptors.shape[1], type=pa.int64())
    lists = pa.LargeListArray.from_arrays(starts, pa.array(descriptors.ravel(), type=pa.float32()))
    known: dict[str, Any] = {name: pa.array(column, type=pa.string()) for name, column in _texts(items).items()}
    known["label"] = pa.array([item.label for item in items], type=pa.string())
    known["descriptor"] = lists.cast(pa.list_(pa.float32()))
    columns = {name: known[name] for name in PROMISED}
    for name in FILE_FACTS:
        kind = pa.int64() if name in ("width", "height", "size") else pa.string()
        columns[name] = pa.array([getattr(item, name) for item in items], type=kind)
    pq.write_table(pa.table(columns).replace_schema_metadata({MODEL: model, **more}), path)


def _csv(path: Path, items: list[Item], descriptors: Floats, model: str) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*PROMISED, *FILE_FACTS])
        for item, descriptor in zip(items, descriptors, strict=True):
            numbers = f"[{', '.join(descriptor.astype(str))}]"  # the shortest digits that give back each float32
            facts = [getattr(item, name) for name in FILE_FACTS]
            writer.writerow([item.id, shown(item.uri), item.label, numbers, _attributes(item), *facts])


def _npz(path: Path, items: list[Item], descriptors: Floats, model: str) -> None:
    columns = {name: np.array(column, dtype=str) for name, column in _texts(items).items()}
    for name in ("label", *FILE_FACTS):
        values = [getattr(item, name) for item in items]
        numeric = name in ("width", "height", "size")
        columns[name] = np.array(values, dtype=np.int64) if numeric else np.array([value or "" for value in values], dtype=str)
    with path.open("wb") as file:
        arrays: dict[str, Any] = {"descriptor": descriptors, MODEL: np.array(model), **columns}
        np.savez(file, **arrays)


WRITERS: dict[str, Write] = {".parquet": write_parquet, ".csv": _csv, ".npz": _npz}
