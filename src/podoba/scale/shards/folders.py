"""The pictures of folders here and elsewhere, as they are listed, with their classes: of names nothing is kept."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from podoba.images.record import ImageRecord, report_skipped
from podoba.images.sources.base import Beside, record_id
from podoba.images.sources.classes import Classes, find_classes
from podoba.images.sources.exclude import Exclusion, read_ignore_file
from podoba.images.sources.folder import Walk
from podoba.images.sources.remote.folder import RemoteFolder, remote_record

log = logging.getLogger(__name__)


def local_pictures(root: Path, exclude: Sequence[str]) -> Iterator[tuple[ImageRecord, int]]:
    """The records of `open_folder`, and their bytes; the folder is walked twice, first for its classes.

    Raises:
        SourceError: a pattern that is none.
    """
    exclusion = Exclusion([*exclude, *read_ignore_file(root)])
    first, outline = Walk(str(root), exclusion), Outline()
    for _, _, folder in first:
        outline.add(folder)
    for folder in first.empty:
        outline.add(folder, is_empty=True)
    classes = outline.classes()
    walk = Walk(str(root), exclusion)
    for path, stamp, folder in walk:
        label, split = classes.of(folder)
        yield ImageRecord(record_id(path), path, label, _unopened, stamp, split), int(stamp.partition("-")[0])
    report_skipped(walk.problems, None)
    tell(Beside([note] if (note := classes.note(str(root))) else [], walk.passed_over, walk.excluded))


def remote_pictures(folder: RemoteFolder) -> Iterator[tuple[ImageRecord, int]]:
    """The records of `open_remote_folder`, and their bytes; those without an ending may be no pictures. Raises `SourceError`."""
    classes = folder.classes()
    for entry in folder.pictures():
        label, split = classes.of(entry.path.rpartition("/")[0])
        yield remote_record(folder.uri(entry), entry.stamp, label, split), entry.size or 0
    tell(Beside([note] if (note := classes.note(folder.address)) else [], folder.passed_over, folder.excluded))


def tell(beside: Beside) -> None:
    """Log what lies beside images."""
    for line in beside.in_words():
        log.warning("%s", line)


class Outline:
    """Of the folders of a tree as much as decides where its classes are: those just below the folder that holds all of them."""

    def __init__(self) -> None:
        self._around: list[str] | None = None  # parts of the path of the folder that holds all
        self._held: set[tuple[str, ...]] = set()
        self._empty: set[tuple[str, ...]] = set()
        self._last = ""

    def add(self, folder: str, *, is_empty: bool = False) -> None:
        """Add a folder that holds pictures, or nothing at all, by its path below the root."""
        if folder == self._last and self._around is not None and not is_empty:
            return
        self._last = folder
        parts = folder.split("/") if folder else []
        if self._around is None:
            self._around = parts
        common = 0
        for one, other in zip(self._around, parts, strict=False):
            if one != other:
                break
            common += 1
        if common < len(self._around):
            self._around = self._around[:common]
            self._held = {held[: common + 1] for held in self._held}
            self._empty = {held[: common + 1] for held in self._empty}
        (self._empty if is_empty else self._held).add(tuple(parts[: common + 1]))

    def classes(self) -> Classes:
        """As `find_classes` of all the folders that were added."""
        return find_classes(["/".join(parts) for parts in self._held], ["/".join(parts) for parts in self._empty])


def _unopened() -> bytes:
    """A record that is only listed; a worker opens it by its uri."""
    raise NotImplementedError
