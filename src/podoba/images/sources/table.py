"""Tables of images: Parquet in the Hugging Face image schema."""

import bisect
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from podoba.errors import SourceError, UnreadableImage
from podoba.images.record import ImageRecord, as_attribute
from podoba.images.sources.base import ImageSource, file_stamp, read_file, record_id
from podoba.images.split import as_split

GROUPS_CACHED = 3  # row groups whose bytes are kept: reading in order from several threads needs the next one early


def open_parquet(path: Path) -> ImageSource:
    """A table with `image` (bytes, or a struct of bytes and path) and optionally `label` (text or class number) and `split`.

    Class numbers become names where the table's Hugging Face metadata has them; there a negative one is no label. A column of
    class numbers that became decimal fractions, since one was missing, is read as the whole numbers that it was.

    Raises:
        SourceError: not Parquet, or no such column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
        columns = table.schema_arrow.names
        if "image" not in columns:
            raise SourceError(f"{path}: a table of images needs a column named image (it has {', '.join(columns)})")
        kind = table.schema_arrow.field("image").type
        if not (pa.types.is_struct(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
            raise SourceError(f"{path}: the column image holds {kind}, not image bytes")
        others = table.read(columns=[name for name in columns if name != "image"]).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceError(f"{path}: cannot be read as Parquet ({' '.join(str(error).split())[:120]})") from error
    names = _class_names(table.schema_arrow.metadata)
    groups = _RowGroups(path)
    stamp = file_stamp(path)
    records = []
    labels = _labels([values.get("label") for values in others], names) if others else [None] * table.metadata.num_rows
    for row, label in enumerate(labels):
        values = others[row] if others else {}
        uri = f"{path}!/{row}"
        read = {name: as_attribute(value) for name, value in values.items() if name not in ("label", "split")}
        known = {name: value for name, value in read.items() if value is not None}
        opener = partial(groups.read, row, uri)
        split = values.get("split")
        named = None if split is None else as_split(str(split))
        records.append(ImageRecord(record_id(uri), uri, label, opener, stamp, named, known))
    return ImageSource(str(path), records, f"{path} {stamp}")


class _RowGroups:
    """Reads whole row groups and keeps the last few, for many threads at once."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self.path = path
        meta = pq.read_metadata(path)
        self.starts = [0]
        for i in range(meta.num_row_groups):
            self.starts.append(self.starts[-1] + meta.row_group(i).num_rows)
        self.lock = threading.Lock()
        self.cached: OrderedDict[int, Any] = OrderedDict()

    def read(self, row: int, uri: str) -> bytes:
        """The encoded bytes of a row. Raises `UnreadableImage`."""
        import pyarrow.parquet as pq

        group = bisect.bisect_right(self.starts, row) - 1
        with self.lock:
            column = self.cached.get(group)
            if column is None:
                try:
                    column = pq.ParquetFile(self.path).read_row_group(group, columns=["image"]).column("image")
                except (OSError, ValueError) as error:
                    raise UnreadableImage(uri, f"the table cannot be read: {error}") from error
                self.cached[group] = column
                while len(self.cached) > GROUPS_CACHED:
                    self.cached.popitem(last=False)
        value = column[row - self.starts[group]].as_py()
        if isinstance(value, dict):
            if value.get("bytes") is None and value.get("path"):
                return read_file(self.path.parent / value["path"])
            value = value.get("bytes")
        if value is None:
            raise UnreadableImage(uri, "the row has no image")
        return bytes(value)


def _labels(values: Sequence[Any], names: Sequence[str] | None) -> list[str | None]:
    """The class name of each value of a column of labels; None where there is no label."""
    numbers = [value for value in values if isinstance(value, float) and not math.isnan(value)]
    are_whole = all(number.is_integer() for number in numbers)
    labels: list[str | None] = []
    for value in values:
        if isinstance(value, float):
            value = None if math.isnan(value) else int(value) if are_whole else value
        if isinstance(value, bytes):
            value = value.decode("utf-8", "backslashreplace")
        if names is not None and isinstance(value, int):
            value = None if value < 0 else names[value] if value < len(names) else value
        labels.append(None if value is None else str(value).strip() or None)
    return labels


def _class_names(metadata: dict[bytes, bytes] | None) -> list[str] | None:
    """Names of the classes where the table's Hugging Face metadata gives them."""
    try:
        info = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        names = info["info"]["features"]["label"]["names"]
    except (ValueError, KeyError, TypeError):
        return None
    return [str(name) for name in names]
