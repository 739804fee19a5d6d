"""Folders of image files: the class is the first sub-folder."""

import os
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from podoba.errors import SourceError
from podoba.files import why_irregular
from podoba.images.kinds import ending_of, is_picture, kind_passed_over
from podoba.images.record import ImageRecord, Skipped
from podoba.images.sources.base import Beside, ImageSource, file_stamp, read_file, record_id, stamp_of
from podoba.images.sources.classes import find_classes
from podoba.images.sources.exclude import Exclusion, read_ignore_file
from podoba.images.sources.signature import HEAD, starts_like_picture


def open_file(path: Path) -> ImageSource:
    """One image file as a source of one. Raises `SourceError` for what is no image by its name, its first bytes or its kind."""
    if (kind := kind_passed_over(path.name)) is not None:
        raise SourceError(f"{path}: {kind.name} is not read: {kind.advice}")
    status = path.stat()
    if (reason := why_irregular(status)) is not None:
        raise SourceError(f"{path}: {reason}")
    if not is_picture(path.name) and not (not ending_of(path.name) and _starts_like_picture(str(path))):
        raise SourceError(f"{path}: not a kind of source that is known (folder, .csv, .parquet, .zip, .tar, image file)")
    stamp = file_stamp(path)
    record = ImageRecord(record_id(str(path)), str(path), None, partial(read_file, path), stamp)
    return ImageSource(str(path), [record], f"{path} {stamp}")


def open_folder(root: Path, exclude: Sequence[str] = ()) -> ImageSource:
    """All pictures below a folder, sorted; links to folders are followed once, after all folders that lie here themselves.

    Classes and splits are as in `find_classes`. A file without an ending is a picture by its first bytes.

    Args:
        exclude: patterns of what is left out, beside hidden files, `SYSTEM_FOLDERS` and what the folder's `.podobaignore` names.

    Raises:
        SourceError: a pattern that is none.
    """
    exclusion = Exclusion([*exclude, *read_ignore_file(root)])
    walk = Walk(str(root), exclusion)
    found = list(walk)
    classes = find_classes({folder for _, _, folder in found}, walk.empty)
    of_folder = {folder: classes.of(folder) for folder in {folder for _, _, folder in found}}
    records = []
    for path, stamp, folder in found:
        label, split = of_folder[folder]
        # A `Path` each would be most of what a record takes.
        records.append(ImageRecord(record_id(path), path, label, partial(read_file, path), stamp, split))
    note = classes.note(str(root))
    below = f"{root}/"

    def excludes(uri: str) -> bool:
        return uri.startswith(below) and exclusion.hides(uri[len(below) :])

    beside = Beside([note] if note else [], walk.passed_over, walk.excluded, excludes)
    stamps = [str(root), str(classes), *(f"{path} {stamp}" for path, stamp, _ in found)]
    return ImageSource(str(root), records, "\n".join(stamps), walk.problems, beside=beside)


class Walk:
    """One way through a tree of folders, as deep as it is; of the pictures themselves nothing is kept.

    Attributes:
        empty: folders below the root with nothing in them that is not hidden or excluded.
        problems, passed_over, excluded: as in `ImageSource` and `Beside`.
    """

    def __init__(self, root: str, exclusion: Exclusion) -> None:
        self.root, self.exclusion = root, exclusion
        self.empty: list[str] = []
        self.problems: list[Skipped] = []
        self.passed_over: Counter[str] = Counter()
        self.excluded = 0
        self._seen: set[tuple[int, int]] = set()
        self._links: deque[tuple[str, str]] = deque([(root, "")])  # to folders, with their place below the root

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        """Of each picture its path, its stamp, and its folder below the root, with `/` between; by names, links last."""
        while self._links:
            yield from self._below(*self._links.popleft())

    def _below(self, path: str, place: str) -> Iterator[tuple[str, str, str]]:
        open_folders = [(_taken(self._entries(path, place)), place)]
        while open_folders:
            entries, folder = open_folders[-1]
            for entry in entries:
                try:
                    is_folder = entry.is_dir()
                except OSError as error:  # a link to itself
                    self._problem(entry.path, error)
                    continue
                if is_folder:
                    if is_picture(entry.name):
                        self.problems.append(Skipped(entry.path, "a folder named like an image"))
                    below = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_symlink():
                        self._links.append((entry.path, below))
                        continue
                    open_folders.append((_taken(self._entries(entry.path, below)), below))
                    break
                if (stamp := self._stamp(entry)) is not None:
                    yield entry.path, stamp, folder
            else:
                open_folders.pop()

    def _entries(self, path: str, folder: str) -> list[os.DirEntry[str]]:
        """What is in a folder and not left out, the last name first; nothing where it was read before or cannot be."""
        try:
            status = os.stat(path)
            if (status.st_dev, status.st_ino) in self._seen:
                self.problems.append(Skipped(path, "a link back into a folder already read"))
                return []
            self._seen.add((status.st_dev, status.st_ino))
            with os.scandir(path) as entries:
                kept = [entry for entry in entries if not self._leaves_out(entry, folder)]
        except OSError as error:
            self._problem(path, error)
            return []
        if not kept:
            self.empty.append(folder)
        return sorted(kept, key=lambda entry: entry.name, reverse=True)

    def _leaves_out(self, entry: os.DirEntry[str], folder: str) -> bool:
        name = entry.name
        if name[0] == ".":
            return True
        below = f"{folder}/{name}" if folder else name
        try:
            hides = self.exclusion.hides_folder if entry.is_dir() else self.exclusion.hides_file
        except OSError:
            return False  # it is named where it is taken
        hidden = hides(below, name)
        self.excluded += hidden
        return hidden

    def _stamp(self, entry: os.DirEntry[str]) -> str | None:
        """The stamp of a file that is a picture; what only looks like one is named, what no decoder here reads is counted."""
        named = is_picture(entry.name)
        if not named and ending_of(entry.name):
            kind = kind_passed_over(entry.name)
            if kind is not None:
                self.passed_over[kind.name] += 1
            return None
        try:
            status = entry.stat()
            reason = why_irregular(status)
            if reason is not None:
                if named:
                    self.problems.append(Skipped(entry.path, reason))
            elif named or _starts_like_picture(entry.path):
                return stamp_of(status)
        except OSError as error:
            self._problem(entry.path, error)
        return None

    def _problem(self, path: str, error: OSError) -> None:
        self.problems.append(Skipped(path, error.strerror or type(error).__name__))


def _taken(entries: list[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """The entries from the last one on; each is forgotten, since one that was looked at takes far more memory than its name."""
    while entries:
        yield entries.pop()


def _starts_like_picture(path: str) -> bool:
    """Whether a file is a picture by its first bytes. Raises `OSError`."""
    with open(path, "rb", buffering=0) as file:
        return starts_like_picture(file.read(HEAD))
