"""The list `moved.csv` in the folder that duplicates are moved to: where each file came from."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import IO

from podoba.errors import CollectionError, did_you_mean
from podoba.files import shown, write_csv

LOG = "moved.csv"
EXACT = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}  # names that are no UTF-8 are kept as they are


@dataclass(frozen=True)
class MovedFile:
    """A line of the list.

    Attributes:
        before: where the file was, in full.
        after: where it is.
        sha256: of its bytes.
        picture: of a companion, where the picture that it belongs to was; empty for a picture.
        source: what was indexed, and had the picture in it.
    """

    before: str
    after: str
    sha256: str
    picture: str = ""
    source: str = ""


COLUMNS = [column.name for column in fields(MovedFile)]


class MoveLog:
    """The list, open to be added to."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def add(self, rows: Sequence[MovedFile]) -> None:
        """Write lines, all or none; they are on the disk before this returns. Raises `OSError`."""
        size = self._file.tell()
        try:
            write_csv(self._file, [*([COLUMNS] if not size else []), *(astuple(row) for row in rows)])
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            os.ftruncate(self._file.fileno(), size)
            raise


@contextmanager
def open_log(folder: Path) -> Iterator[MoveLog]:
    """The list in a folder, made where there is none. Raises `OSError`."""
    with (folder / LOG).open("a", **EXACT) as file:  # type: ignore[call-overload]
        yield MoveLog(file)


def read_log(path: Path) -> list[MovedFile]:
    """The lines of a list, in the order in which the files were moved; a last one that was not written to its end is left out.

    Raises:
        CollectionError: there is no such file, or it is no such list.
    """
    try:
        with path.open(**EXACT) as file:  # type: ignore[call-overload]
            reader = csv.DictReader(file)
            names = [shown(name) for name in reader.fieldnames or COLUMNS]
            rows = [{name: row.get(name) for name in COLUMNS} for row in reader]
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CollectionError(f"{shown(str(path))}: cannot be read ({reason}): name the {LOG} that --move-to wrote") from error
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        meant = did_you_mean(missing[0], names, f"it needs {', '.join(COLUMNS)}")
        raise CollectionError(f"{shown(str(path))}: no list of moved files, for it has no column {missing[0]!r}: {meant}")
    return [MovedFile(*map(str, row.values())) for row in rows if None not in row.values()]
