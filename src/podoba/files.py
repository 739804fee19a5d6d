"""Files written whole or not at all, and file names as text."""

import csv
import errno
import io
import json
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Any, TypeVar

Place = TypeVar("Place", bound=str | PurePath)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
IRREGULAR = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes the place of `path`, or is removed where writing failed.

    Raises:
        OSError: it cannot be put in place; what was there before still stands.
    """
    draft = path.with_name(f"{path.name}.tmp")
    try:
        yield draft
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8 with the line ends of `text`, atomically. Raises `OSError`."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")


def write_json(path: Path, values: Any) -> None:
    """Write a JSON file, atomically: a full disk leaves no half of it. Raises `OSError`."""
    write_text(path, json.dumps(values, indent=2, ensure_ascii=False) + "\n")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV, a line of names first; names of files as `shown`."""
    out = io.StringIO()
    write_csv(out, [columns, *([shown(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)])
    return out.getvalue()


def write_csv(file: IO[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as CSV, each line with a line feed at its end.

    A carriage return in a field would end the line for whoever reads it; `csv` quotes it only where it ends lines itself.
    """
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        (quoted if any(isinstance(cell, str) and "\r" in cell for cell in row) else plain).writerow(row)


def read_bounded(path: str | Path, most: int) -> bytes:
    """The bytes of a file, at most `most`.

    Only of a regular one: a pipe is waited for until somebody writes to it, and a device such as `/dev/zero` has no end.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger; `strerror` says so in words.
    """
    _refuse_irregular(os.stat(path), path)  # before it is opened, which may already move something in a device
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        _refuse_irregular(status, path)
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"{status.st_size} bytes, more than {most} are refused", str(path))
        return file.read(status.st_size)


def why_irregular(status: os.stat_result) -> str | None:
    """Why something is no file that can be read; None for a regular file."""
    if stat.S_ISREG(status.st_mode):
        return None
    return f"{IRREGULAR.get(stat.S_IFMT(status.st_mode), 'of an unknown kind')}, no file that can be read"


def _refuse_irregular(status: os.stat_result, path: str | Path) -> None:
    reason = why_irregular(status)
    if reason is not None:
        raise OSError(errno.EINVAL, reason, str(path))


def new_folder_beside(folder: Path) -> Path:
    """A new empty folder beside one that is to be made, to be renamed when it is whole; as readable as its parent is."""
    draft = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    draft.mkdir(parents=True)
    return draft


def reserve(file: IO[Any], size: int, place: Path) -> None:
    """Make an open file `size` bytes long and take them on the disk now.

    Where a mapped file meets a full disk only later, writing to it ends the process by a bus error, without a message.

    Args:
        place: named where the disk is full.

    Raises:
        OSError: there is not room enough.
    """
    file.truncate(size)
    if size and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(place)) from error


def shown(text: str) -> str:
    r"""A name as text that can be stored, printed and sent: bytes that are no UTF-8 as `\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def to_name(text: str) -> str | bytes:
    """A file name as SQLite can keep it and give it back exactly: bytes where it is no UTF-8."""
    try:
        text.encode("utf-8")
        return text
    except UnicodeEncodeError:
        return os.fsencode(text)


def from_name(value: str | bytes) -> str:
    """The file name that `to_name` kept."""
    return value if isinstance(value, str) else os.fsdecode(value)


def found_below(path: Path, folders: Sequence[Path]) -> Path | None:
    """Where a path leads, links followed; None where it is not there, or does not lie below one of these (resolved) folders."""
    try:
        place = path.expanduser().resolve(strict=True)
    except (OSError, ValueError, RuntimeError):  # not there; a zero in the name; links in a circle, or no such home
        return None
    return place if any(place.is_relative_to(folder) for folder in folders) else None


def is_address(place: str | PurePath) -> bool:
    """Whether a place is an address, such as `milvus://HOST:PORT/NAME`, and no file."""
    return isinstance(place, str) and ADDRESS.match(place) is not None


def without_user(address: str) -> str:
    """An address without the user and password that may stand before its host, as it may be shown and kept."""
    return re.sub(r"(?<=://)[^/]*@", "", address)


def distinct_names(places: Sequence[Place]) -> dict[str, Place]:
    """Names for places: the last part of each, of a file without its ending; a second one of a name gets a number."""
    found: dict[str, Place] = {}
    for place in places:
        base = name = PurePath(place).stem or "collection"
        number = 1
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found[name] = place
    return found
