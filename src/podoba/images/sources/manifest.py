"""Manifests: CSV files that name image files, with a label, a split and further attributes of each."""

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from os import stat_result
from pathlib import Path

from podoba.errors import SourceError
from podoba.files import why_irregular
from podoba.images.record import Attribute, ImageRecord, Skipped
from podoba.images.sources.base import ImageSource, located, read_file, record_id, stamp_of
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


def open_csv(path: Path) -> ImageSource:
    """A manifest: a column of files (`PATHS`), and optionally `label`, `split` and any further attributes.

    Columns are divided by a comma, semicolon, tab or bar; names of columns count in any case, and spaces around names and values
    do not count. Paths are relative to the manifest; a `\\` in one is a `/` where there is a file of that name. What is written
    as a number is one, unless its column has codes such as `00420`, which stay as they are written.

    Raises:
        SourceError: no first line with a column of files, or not UTF-8.
    """
    rows, columns = _read(path)
    by_name = {name.lower(): name for name in reversed(columns)}
    files = next((by_name[name] for name in PATHS if name in by_name), None)
    if files is None:
        raise SourceError(
            f"{path}: a manifest needs a first line with a column named path (and label, split ...), or file_name, or image; "
            f"this one has: {', '.join(columns)[:200] or 'nothing'}"
        )
    label_column, split_column = by_name.get("label", "label"), by_name.get("split", "split")
    others = [name for name in columns if name and name not in (files, label_column, split_column)]
    codes = columns_of_codes(rows, others)
    labels = _labels([row.get(label_column) for row in rows])
    records, stamps = [], []
    problems: list[Skipped] = []
    without: list[int] = []
    for number, (row, label) in enumerate(zip(rows, labels, strict=True)):
        name = row.get(files)
        if not name:
            without.append(number + 1)
            continue
        file_path, status = _find(path.parent, name)
        uri = str(located(file_path))
        reason = None if status is None else why_irregular(status)
        if reason is not None:
            problems.append(Skipped(uri, reason))
            continue
        known = {key: read_attribute(row.get(key), key in codes) for key in others}
        stamp = None if status is None else stamp_of(status)
        stamps.append(f"{uri} {stamp} {row}")
        split = as_split(row.get(split_column))
        records.append(ImageRecord(record_id(uri), uri, label, partial(read_file, file_path), stamp, split, known))
    if without:
        problems.append(Skipped(str(path), f"{len(without)} rows name no file, the first is row {without[0]}"))
    return ImageSource(str(path), records, "\n".join(stamps), problems)


def _read(path: Path) -> tuple[list[Row], list[str]]:
    """The rows of a CSV file by its columns, and the columns, in the file's order; spaces around both are left out."""
    try:
        with path.open("rb") as binary:
            encoding = "utf-16" if binary.read(2) in UTF16 else "utf-8-sig"
        with path.open(newline="", encoding=encoding) as file:
            first = "".join(islice(file, 1))
            file.seek(0)
            lines = csv.reader(file, delimiter=_delimiter(first), skipinitialspace=True)
            columns = [name.strip() for name in next(lines, [])]
            rows: list[Row] = [
                {name: value.strip() for name, value in zip(columns, line, strict=False)} for line in lines if any(line)
            ]
    except (OSError, UnicodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as UTF-8 CSV ({error}): save it as CSV in UTF-8") from error
    return rows, columns


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


def _labels(values: Sequence[str | None]) -> list[str | None]:
    """Labels of a column, None where there is none; class numbers as they were before one that is missing made them fractions."""
    present = [value for value in values if value]
    are_whole = len(present) < len(values) and all(WHOLE.fullmatch(value) for value in present)
    return [(value.removesuffix(".0") if are_whole else value) if value else None for value in values]


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
