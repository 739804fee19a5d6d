"""What every source of images has in common."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from podoba.errors import UnreadableImage
from podoba.files import read_bounded
from podoba.images.record import ImageRecord, Skipped

MAX_BYTES = 1 << 30  # of one image file


def record_id(uri: str) -> str:
    """The stable id of an image: 16 hexadecimal digits of its absolute uri, so that two sources never collide."""
    return hashlib.sha256(uri.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def located(path: str | Path) -> Path:
    """A path in full and without `..`, so that a file has one name, and by it one id, wherever it is named from."""
    place = Path(path).expanduser()
    return place.resolve() if ".." in place.parts else place.absolute()


class ImageSource:
    """Images that can be read one by one, in a fixed order.

    Attributes:
        name: as a person would call it.
        root: where it is, in full: an absolute path, or the name of a named set.
        records: light objects; bytes are read when a record is opened.
        problems: what was met while listing and cannot be an image at all, with the reason.
        parts: the sources that were joined into this one, or none.
    """

    def __init__(
        self,
        root: str,
        records: Sequence[ImageRecord],
        stamp: str,
        problems: Sequence[Skipped] = (),
        parts: Sequence[ImageSource] = (),
    ) -> None:
        self.root = root
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
        return ImageSource(self.root, records, stamp, self.problems)


def file_stamp(path: Path) -> str:
    """Size and time of the last change of a file, as `ImageRecord.stamp`. Raises `OSError`."""
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def read_file(path: str | Path) -> bytes:
    """The bytes of an image file. Raises `UnreadableImage` with the system's reason, or where it can be no picture."""
    try:
        return read_bounded(path, MAX_BYTES)
    except OSError as error:
        raise UnreadableImage(str(path), error.strerror or type(error).__name__) from error
