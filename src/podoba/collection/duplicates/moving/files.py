"""One file moved so that it is never lost: it leaves its place when the new one is whole and on the disk."""

import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from podoba.collection.duplicates.companions import renamed
from podoba.collection.duplicates.same_file import Identity, identity_of
from podoba.errors import UnreadableImage
from podoba.images.sources.base import read_file

BLOCK = 1 << 20


@dataclass(frozen=True)
class SeenFile:
    """A regular file as it was when it was read.

    Attributes:
        data: its bytes, where they are wanted.
        content: sha256 of its bytes.
        identity: device and inode.
    """

    data: bytes
    content: str
    identity: Identity


class Stays(Exception):
    """Why a file is left where it is."""


def look_at(path: Path, *, with_data: bool = False) -> SeenFile:
    """Read a file.

    Args:
        with_data: its bytes are wanted, as those of a picture; else a film of any size is read in small parts.

    Raises:
        Stays: it is missing, a link, no regular file, or cannot be read.
    """
    if path.is_symlink():
        raise Stays("a link")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Stays("no regular file")
        data = read_file(path) if with_data else b""
        content = hashlib.sha256(data).hexdigest() if with_data else sha256_of(path)
    except OSError as error:
        raise Stays(f"cannot be read ({error.strerror})") from error
    except UnreadableImage as error:
        raise Stays(f"cannot be read ({error.reason})") from error
    return SeenFile(data, content, (status.st_dev, status.st_ino))


def put(source: Path, target: Path, content: str) -> None:
    """A second name of a file, or a copy where links are not possible; it is on the disk before this returns.

    Raises:
        FileExistsError: the name is taken.
        OSError: it cannot be written, or does not hold these bytes (sha256).
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # another disk, or a file system without links
        _copy(source, target)
    try:
        if sha256_of(target) != content:
            raise OSError(None, f"{target} does not hold what was read from {source}")
        _to_disk(target.parent)
    except BaseException:
        target.unlink()
        raise


def put_together(files: Sequence[tuple[Path, str]], wanted: Path) -> list[Path]:
    """As `put`, of a picture and its companions, each with the sha256 of its bytes; folders are made. Returns the new names.

    Args:
        files: the picture first.
        wanted: name of the picture; where it or that of a companion is taken, all get the same number.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    picture, number = files[0][0], 0
    while True:
        target = wanted if not number else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        targets = [target, *(renamed(path, picture, target) for path, _ in files[1:])]
        done: list[Path] = []
        try:
            for (path, content), new in zip(files, targets, strict=True):
                put(path, new, content)
                done.append(new)
            return targets
        except BaseException as error:
            for new in done:
                new.unlink()
            if not isinstance(error, FileExistsError):
                raise
        number += 1


def take_away(moved: Sequence[tuple[Path, Path, SeenFile]], keep: Path) -> None:
    """Remove files that are in their new places, or remove the new ones again.

    Args:
        moved: where each file is, where it is as well now, and how it was seen.
        keep: what must still be there afterwards.

    Raises:
        Stays: one of them changed, cannot be removed, or was the one to keep by a name that nothing tells to be its own.
    """
    gone: list[tuple[Path, Path, SeenFile]] = []
    try:
        for path, target, seen in moved:
            if identity_of(path) != seen.identity:
                raise Stays("changed while it was moved: index again")
            try:
                path.unlink()
            except OSError as error:
                raise Stays(f"{path.name} cannot be taken from its folder ({error.strerror})") from error
            gone.append((path, target, seen))
        if identity_of(keep) is None:  # as where one disk is mounted twice over a network, which no number tells
            raise Stays("the same file as the one to keep")
    except Stays:
        for path, target, seen in gone:
            put(target, path, seen.content)
        for _, target, _ in moved:
            target.unlink()
        raise


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("xb") as new:
        try:
            shutil.copyfileobj(old, new, BLOCK)
            new.flush()
            os.fsync(new.fileno())
            shutil.copystat(source, target)
        except BaseException:
            target.unlink()
            raise


def _to_disk(folder: Path) -> None:
    """The names in a folder, where the system can be told to write them to the disk: not every file system can."""
    if hasattr(os, "O_DIRECTORY"):
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):
                os.fsync(place)
        finally:
            os.close(place)
