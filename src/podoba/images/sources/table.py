"""Tables of images: Parquet in the Hugging Face image schema."""

import bisect
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from podoba.errors import SourceError, UnreadableImage
from podoba.images.record import ImageRecord, as_attribute
from podoba.images.remote.file import RemoteFile, opened
from podoba.images.sources.base import ImageSource, file_stamp, read_named, record_id
from podoba.images.split import as_split

GROUPS_CACHED = 3  # row groups whose bytes are kept: reading in order from several threads needs the next one early


def open_parquet(path: Path | RemoteFile) -> ImageSource:
    """A table with `image` and optionally `label` (text or class number) and `split`; any other column is an attribute.

    `image` holds bytes, a path or an address, or a struct of bytes and path. Class numbers become names where the table's
    Hugging Face metadata has them; there a negative one is no label. A column of class numbers that became decimal fractions,
    since one was missing, is read as the whole numbers that it was.

    Raises:
        SourceError: not Parquet, or no such column.
    """
    table = ImageTable(path)
    return ImageSource(str(path), list(table.records()), f"{path} {table.stamp}")


class ImageTable:
    """A Parquet table of images, row group by row group.

    Attributes:
        path: where it is.
        starts: the first row of each row group, and after them the number of rows.
        are_whole: whether class numbers that are fractions were whole numbers, by the whole column of labels.
        stamp: as `ImageRecord.stamp`.
    """

    def __init__(self, path: Path | RemoteFile, are_whole: bool | None = None) -> None:
        """Read what kind of table it is; of labels that are fractions all of them, unless `are_whole` is known.

        Raises:
            SourceError: as `open_parquet`.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path, types = path, pa.types
        with _explained(path):
            self._file = pq.ParquetFile(opened(path))
            schema = self._file.schema_arrow
            if "image" not in schema.names:
                raise SourceError(f"{path}: a table of images needs a column named image (it has {', '.join(schema.names)})")
            kind = schema.field("image").type
            if not (types.is_struct(kind) or types.is_binary(kind) or types.is_large_binary(kind) or types.is_string(kind)):
                raise SourceError(f"{path}: the column image holds {kind}, not image bytes, a path or an address")
            self.stamp = file_stamp(path)
            self._columns = [name for name in schema.names if name != "image"]
            self._classes = _class_names(schema.metadata)
            self._images = _RowGroups(path, self._file.metadata)
            self.starts = self._images.starts
            has_fractions = "label" in self._columns and types.is_floating(schema.field("label").type)
            self.are_whole = self._labels_are_whole() if are_whole is None and has_fractions else bool(are_whole)

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[ImageRecord]:
        """The images of the row groups from `start` to before `stop`. Raises `SourceError` where they cannot be read."""
        for group in range(start, len(self.starts) - 1 if stop is None else stop):
            first = self.starts[group]
            count = self.starts[group + 1] - first
            with _explained(self.path):
                read = self._file.read_row_group(group, columns=self._columns).to_pylist() if self._columns else [{}] * count
            for row, values in enumerate(read, start=first):
                yield self._record(row, values)

    def _record(self, row: int, values: Mapping[str, Any]) -> ImageRecord:
        uri, split = f"{self.path}!/{row}", values.get("split")
        read = {name: as_attribute(value) for name, value in values.items() if name not in ("label", "split")}
        known = {name: value for name, value in read.items() if value is not None}
        named = None if split is None else as_split(str(split))
        label = _label(values.get("label"), self._classes, self.are_whole)
        return ImageRecord(record_id(uri), uri, label, partial(self._images.read, row, uri), self.stamp, named, known)

    def _labels_are_whole(self) -> bool:
        labels = chain.from_iterable(batch.column(0).to_pylist() for batch in self._file.iter_batches(columns=["label"]))
        return all(value.is_integer() for value in labels if value is not None and not math.isnan(value))


@contextmanager
def _explained(path: Path | RemoteFile) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceError(f"{path}: cannot be read as Parquet ({' '.join(str(error).split())[:120]})") from error


class _RowGroups:
    """Reads whole row groups and keeps the last few, for many threads at once."""

    def __init__(self, path: Path | RemoteFile, meta: Any) -> None:
        self.path = path
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
                    column = pq.ParquetFile(opened(self.path)).read_row_group(group, columns=["image"]).column("image")
                except (OSError, ValueError) as error:
                    raise UnreadableImage(uri, f"the table cannot be read: {error}") from error
                self.cached[group] = column
                while len(self.cached) > GROUPS_CACHED:
                    self.cached.popitem(last=False)
        value = column[row - self.starts[group]].as_py()
        if isinstance(value, dict):
            value = str(value["path"]) if value.get("bytes") is None and value.get("path") else value.get("bytes")
        if isinstance(value, str):
            return read_named(self.path if isinstance(self.path, RemoteFile) else self.path.parent, value)
        if value is None:
            raise UnreadableImage(uri, "the row has no image")
        return bytes(value)


def _label(value: Any, names: Sequence[str] | None, are_whole: bool) -> str | None:
    """The class name that a value of a column of labels stands for; None where there is no label."""
    if isinstance(value, float):
        value = None if math.isnan(value) else int(value) if are_whole else value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if names is not None and isinstance(value, int):
        value = None if value < 0 else names[value] if value < len(names) else value
    return None if value is None else str(value).strip() or None


def _class_names(metadata: dict[bytes, bytes] | None) -> list[str] | None:
    """Names of the classes where the table's Hugging Face metadata gives them."""
    try:
        info = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        names = info["info"]["features"]["label"]["names"]
    except (ValueError, KeyError, TypeError):
        return None
    return [str(name) for name in names]
