"""Manifests (CSV) and tables of images (Parquet in the Hugging Face image schema)."""

import bisect
import csv
import json
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from podoba.errors import SourceError, UnreadableImage
from podoba.images.record import Attribute, ImageRecord, as_attribute
from podoba.images.sources.base import ImageSource, file_stamp, located, read_file, record_id

NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
CODE = re.compile(r"-?0[0-9]+|\+[0-9]+")  # an article number, a post code, a telephone number: another text once it is a number
LARGEST = 1 << 63  # beyond it a database has no whole number
GROUPS_CACHED = 3  # row groups whose bytes are kept: reading in order from several threads needs the next one early


def open_csv(path: Path) -> ImageSource:
    """A manifest with the columns `path`, and optionally `label`, `split` and any further attributes.

    What is written as a number is one, unless its column has codes such as `00420`, which stay as they are written.

    Raises:
        SourceError: no header with `path`, or not UTF-8.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if "path" not in (reader.fieldnames or []):
                raise SourceError(f"{path}: a manifest needs a first line with a column named path (and label, split ...)")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as UTF-8 CSV ({error})") from error
    records = []
    stamps = []
    columns = [key for key in (reader.fieldnames or []) if key and key not in ("path", "label", "split")]
    codes = columns_of_codes(rows, columns)
    for row in rows:
        file_path = path.parent / (row.get("path") or "")
        uri = str(located(file_path))
        known = {key: read_attribute(row.get(key), key in codes) for key in columns}
        stamp = file_stamp(file_path) if file_path.exists() else None
        stamps.append(f"{uri} {stamp} {row}")
        opener = partial(read_file, file_path)
        label, split = row.get("label") or None, row.get("split") or None
        records.append(ImageRecord(record_id(uri), uri, label, opener, stamp, split, known))
    return ImageSource(str(path), records, "\n".join(stamps))


def open_parquet(path: Path) -> ImageSource:
    """A table with `image` (bytes, or a struct of bytes and path) and optionally `label` (text or class number).

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
    for row in range(table.metadata.num_rows):
        values = others[row] if others else {}
        label = values.get("label")
        if isinstance(label, int) and names is not None and 0 <= label < len(names):
            label = names[label]
        uri = f"{path}!/{row}"
        read = {name: as_attribute(value) for name, value in values.items() if name not in ("label", "split")}
        known = {name: value for name, value in read.items() if value is not None}
        named = None if label is None else str(label)
        opener = partial(groups.read, row, uri)
        records.append(ImageRecord(record_id(uri), uri, named, opener, stamp, values.get("split"), known))
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


def _class_names(metadata: dict[bytes, bytes] | None) -> list[str] | None:
    """Names of the classes where the table's Hugging Face metadata gives them."""
    try:
        info = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        names = info["info"]["features"]["label"]["names"]
    except (ValueError, KeyError, TypeError):
        return None
    return [str(name) for name in names]


def columns_of_codes(rows: Iterable[Mapping[str, str | None]], columns: Sequence[str]) -> set[str]:
    """Columns of a CSV file in which some number is none: an article number, a post code."""
    found: set[str] = set()
    for row in rows:
        found.update(name for name in columns if name not in found and _is_code(row.get(name)))
    return found


def read_attribute(value: str | None, is_code: bool) -> Attribute:
    """The attribute that a field of a CSV file stands for: a number where it is written as one, unless its column has codes."""
    text = (value or "").strip()
    if not text or text.lower() == "nan":
        return None
    if is_code or not NUMBER.fullmatch(text):
        return value
    number = float(text)
    whole = text.removeprefix("-").isdigit()
    return value if math.isinf(number) else int(text) if whole else number


def _is_code(value: str | None) -> bool:
    text = (value or "").strip()
    whole = text.removeprefix("-")
    return CODE.fullmatch(text) is not None or (whole.isascii() and whole.isdigit() and len(whole) > 18 and int(whole) >= LARGEST)
