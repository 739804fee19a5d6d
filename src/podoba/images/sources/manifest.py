"""Manifests: CSV files that name image files, with a label, a split and further attributes of each."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from os import stat_result
from pathlib import Path

from podoba.errors import SourceError
from podoba.files import why_irregular
from podoba.images.record import Attribute, ImageRecord, Skipped
from podoba.images.remote.address import beside, is_remote
from podoba.images.remote.file import FORWARDS, RemoteFile, opened
from podoba.images.remote.reading import read_remote
from podoba.images.sources.base import MAX_BYTES, ImageSource, located, read_file, record_id, stamp_of
from podoba.images.split import as_split

PATHS = ("path", "file_path", "filepath", "image_path", "file_name", "filename", "file", "image", "img")
"""Names of the column of files, in lower case; where there are several, the first of these."""

DELIMITERS = (",", ";", "\t", "|")
UTF16 = (b"\xff\xfe", b"\xfe\xff")  # what a text in UTF-16 begins with, as spreadsheets write it
NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
CODE = re.compile(r"-?0[0-9]+|\+[0-9]+")  # an article number, a post code, a telephone number: another text once it is a number
WHOLE = re.compile(r"-?[0-9]+\.0")  # a class number beside which one was missing, as data frames write it
LARGEST = 1 << 63  # beyond it a database has no whole number

Row = Mapping[str, str | None]


def open_csv(path: Path | RemoteFile) -> ImageSource:
    """A manifest: a column of files (`PATHS`), and optionally `label`, `split` and any further attributes.

    Columns are divided by a comma, semicolon, tab or bar; names of columns count in any case, and spaces around names and values
    do not count. Paths are relative to the manifest, or addresses such as `s3://...`; a `\\` in one is a `/` where there is a
    file of that name. What is written as a number is one, unless its column has codes such as `00420`, which stay as they are
    written.

    Raises:
        SourceError: no first line with a column of files, or not UTF-8.
    """
    records, stamps = [], []
    problems: list[Skipped] = []
    for one in Manifest(path):
        if isinstance(one, Skipped):
            problems.append(one)
        else:
            records.append(one)
            stamps.append(f"{one.uri} {one.stamp} {one.label} {one.split} {dict(one.attributes)}")
    return ImageSource(str(path), records, "\n".join(stamps), problems)


class Manifest:
    """The images of a CSV file, row by row; what is known only by whole columns is found out when it is opened."""

    def __init__(self, path: Path | RemoteFile) -> None:
        """Read the file once. Raises `SourceError` as `open_csv`."""
        self.path = path
        rows = _rows(path)
        columns = next(rows, [])
        by_name = {name.lower(): name for name in reversed(columns)}
        files = next((by_name[name] for name in PATHS if name in by_name), None)
        if files is None:
            raise SourceError(
                f"{path}: a manifest needs a first line with a column named path (and label, split ...), or file_name, or image; "
                f"this one has: {', '.join(columns)[:200] or 'nothing'}"
            )
        self._columns, self._files = columns, files
        self._label, self._split = by_name.get("label", "label"), by_name.get("split", "split")
        self._others = [name for name in columns if name and name not in (files, self._label, self._split)]
        self._codes: set[str] = set()
        is_missing, are_whole = False, True
        for row in map(self._by_column, rows):
            self._codes |= columns_of_codes([row], [name for name in self._others if name not in self._codes])
            label = row.get(self._label)
            is_missing = is_missing or not label
            are_whole = are_whole and (not label or WHOLE.fullmatch(label) is not None)
        self._were_whole = is_missing and are_whole  # class numbers, which one that is missing made fractions

    def __iter__(self) -> Iterator[ImageRecord | Skipped]:
        """The image of each row, or why it can be none; rows that name no file are counted in one line at the end."""
        without: list[int] = [0, 0]  # how many, and the first
        rows = _rows(self.path)
        next(rows, None)
        for number, row in enumerate(map(self._by_column, rows), start=1):
            name = row.get(self._files)
            if name:
                yield self._record(name, row)
            else:
                without = [without[0] + 1, without[1] or number]
        if without[0]:
            yield Skipped(str(self.path), f"{without[0]} rows name no file, the first is row {without[1]}")

    def _record(self, name: str, row: Row) -> ImageRecord | Skipped:
        label, split = row.get(self._label) or None, as_split(row.get(self._split))
        label = label.removesuffix(".0") if label and self._were_whole else label
        known = {key: read_attribute(row.get(key), key in self._codes) for key in self._others}
        if isinstance(self.path, RemoteFile) or is_remote(name):
            uri = beside(str(self.path), name)
            return ImageRecord(record_id(uri), uri, label, partial(read_remote, uri, MAX_BYTES), None, split, known)
        file_path, status = _find(self.path.parent, name)
        uri = str(located(file_path))
        reason = None if status is None else why_irregular(status)
        if reason is not None:
            return Skipped(uri, reason)
        stamp = None if status is None else stamp_of(status)
        return ImageRecord(record_id(uri), uri, label, partial(read_file, file_path), stamp, split, known)

    def _by_column(self, line: Sequence[str]) -> Row:
        return {name: value.strip() for name, value in zip(self._columns, line, strict=False)}


def _rows(path: Path | RemoteFile) -> Iterator[list[str]]:
    """The columns of a CSV file, then its rows, in the file's order; spaces around names of columns are left out."""
    try:
        with opened(path) as binary:
            encoding = "utf-16" if binary.read(2) in UTF16 else "utf-8-sig"
        with opened(path, FORWARDS) as binary, io.TextIOWrapper(binary, newline="", encoding=encoding) as file:
            first = file.readline()
        with opened(path, FORWARDS) as binary, io.TextIOWrapper(binary, newline="", encoding=encoding) as file:
            lines = csv.reader(file, delimiter=_delimiter(first), skipinitialspace=True)
            yield [name.strip() for name in next(lines, [])]
            yield from (line for line in lines if any(line))
    except (OSError, UnicodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as UTF-8 CSV ({error}): save it as CSV in UTF-8") from error


def _delimiter(first: str) -> str:
    """What divides the columns by a CSV file's first line: that by which there is a column of files, else the most frequent."""
    for delimiter in DELIMITERS:
        names = {name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter, skipinitialspace=True), [])}
        if names.intersection(PATHS):
            return delimiter
    return max(DELIMITERS, key=first.count)


def _find(folder: Path, name: str) -> tuple[Path, stat_result | None]:
    """The file that a manifest names, and what is known of it; None where it is not there."""
    for spelling in dict.fromkeys((name, name.replace("\\", "/"))):
        try:
            return folder / spelling, (folder / spelling).stat()
        except (OSError, ValueError):
            continue
    return folder / name, None


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
