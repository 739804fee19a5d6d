"""What every source of images has in common."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from podoba.errors import UnreadableImage
from podoba.files import read_bounded
from podoba.images.kinds import KINDS
from podoba.images.record import ImageRecord, Skipped
from podoba.images.remote.address import beside, is_remote
from podoba.images.remote.file import RemoteFile
from podoba.images.remote.reading import read_remote

MAX_BYTES = 1 << 30  # of one image file


def record_id(uri: str) -> str:
    """The stable id of an image: 16 hexadecimal digits of its absolute uri, so that two sources never collide."""
    return hashlib.sha256(uri.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def located(path: str | Path) -> Path:
    """A path in full and without `..`, so that a file has one name, and by it one id, wherever it is named from."""
    place = Path(path).expanduser()
    return place.resolve() if ".." in place.parts else place.absolute()


@dataclass(frozen=True)
class Beside:
    """What a source has beside its images.

    Attributes:
        notes: what a person should know of how it was understood, a line each.
        passed_over: how many files of each kind that is not read here, by `Kind.name`.
        excluded: how many files and folders were left out by their names; what is in such a folder is not counted.
        excludes: whether an image of this uri would be left out by its name.
    """

    notes: Sequence[str] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    excluded: int = 0
    excludes: Callable[[str], bool] = lambda uri: False

    @staticmethod
    def of_all(several: Sequence[Beside]) -> Beside:
        """What several sources have beside their images, together."""
        passed_over = sum((Counter(one.passed_over) for one in several), Counter[str]())
        notes = list(dict.fromkeys(note for one in several for note in one.notes))
        excluded = sum(one.excluded for one in several)
        return Beside(notes, passed_over, excluded, lambda uri: any(one.excludes(uri) for one in several))

    def in_words(self) -> list[str]:
        """All of it that a person should know, a line each."""
        advice = {kind.name: kind.advice for kind in KINDS}
        lines = list(self.notes)
        for name, count in self.passed_over.items():
            lines.append(f"passed over: {count} {name}{'s' if count > 1 and name.islower() else ''} ({advice[name]})")
        if self.excluded:
            lines.append(f"left out by name: {self.excluded} files and folders")
        return lines


class ImageSource:
    """Images that can be read one by one, in a fixed order.

    Attributes:
        name: as a person would call it.
        root: where it is, in full: an absolute path, or the name of a named set.
        records: light objects; bytes are read when a record is opened.
        problems: what was met while listing and cannot be an image at all, with the reason.
        parts: the sources that were joined into this one, or none.
        split: name of the split that was asked for; None where it is the whole.
        beside: what there is beside the images.
    """

    def __init__(
        self,
        root: str,
        records: Sequence[ImageRecord],
        stamp: str,
        problems: Sequence[Skipped] = (),
        parts: Sequence[ImageSource] = (),
        *,
        split: str | None = None,
        beside: Beside | None = None,
    ) -> None:
        self.root = root
        self.split = split
        self.beside = beside or Beside()
        self.parts = list(parts)
        self.name = Path(root).name
        self.records = records
        self.problems = list(problems)
        self._stamp = stamp

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[ImageRecord]:
        return iter(self.records)

    @property
    def labels(self) -> list[str | None]:
        """Class name of each record, or None."""
        return [record.label for record in self.records]

    @property
    def classes(self) -> list[str]:
        """Class names present, sorted."""
        return sorted({record.label for record in self.records if record.label is not None})

    def fingerprint(self) -> str:
        """16 hexadecimal digits that change when images are added, removed or changed (by name, size and time)."""
        return hashlib.sha256(self._stamp.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def subset(self, indices: Sequence[int]) -> ImageSource:
        """The records at `indices`, in that order."""
        records = [self.records[i] for i in indices]
        stamp = self._stamp + "\n" + "\n".join(record.id for record in records)
        return ImageSource(self.root, records, stamp, self.problems, split=self.split, beside=self.beside)

    def of_split(self, split: str) -> ImageSource:
        """The records of a split, by its name in `ImageRecord.split`; perhaps none."""
        part = self.subset([row for row, record in enumerate(self.records) if record.split == split])
        part.split = split
        return part


def file_stamp(path: Path | RemoteFile) -> str:
    """Size and time of the last change of a file, as `ImageRecord.stamp`. Raises `OSError`, and `SourceError` of a remote one."""
    return path.stamp() if isinstance(path, RemoteFile) else stamp_of(path.stat())


def stamp_of(status: os.stat_result) -> str:
    """`ImageRecord.stamp` of a file that was looked at."""
    return f"{status.st_size}-{status.st_mtime_ns}"


def read_named(folder: Path | RemoteFile, name: str) -> bytes:
    """The bytes of an image that a table or manifest names, relative to a folder, or to a remote file in it, or by an address.

    Raises:
        UnreadableImage: as `read_file` and `read_remote`.
    """
    if isinstance(folder, RemoteFile):
        return read_remote(beside(folder.address, name), MAX_BYTES)
    return read_remote(name, MAX_BYTES) if is_remote(name) else read_file(folder / name)


def read_file(path: str | Path) -> bytes:
    """The bytes of an image file. Raises `UnreadableImage` with the system's reason, or where it can be no picture."""
    try:
        return read_bounded(path, MAX_BYTES)
    except OSError as error:
        raise UnreadableImage(str(path), error.strerror or type(error).__name__) from error
