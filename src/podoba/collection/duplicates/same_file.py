"""Whether two paths lead to one file: by a link, a mount, a second root, or another spelling."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from podoba.collection.storage.items import Item

Identity = tuple[int, int]
"""Device and inode: what a file or folder is, whatever path leads to it."""


def identity_of(path: str | Path) -> Identity | None:
    """The file or folder that a path leads to, links followed; None where there is none, or it cannot be looked at."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_same_file(first: str, second: str) -> bool:
    """Whether two uris lead to one file. Images in one archive are not one file."""
    file = identity_of(first)
    return file is not None and file == identity_of(second)


def is_same_entry(first: Path, second: Path) -> bool:
    """Whether two paths name one entry of one folder, so that what is done to one is done to the other.

    Two hard links are two entries of one file; so are a file and a link to it.
    """
    folder = identity_of(first.parent)
    return folder is not None and folder == identity_of(second.parent) and first.name.casefold() == second.name.casefold()


class Places:
    """Folders, or single files, and all that lies in them, by whatever path it is named."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        """Places by their paths, in full."""
        self.paths = [PurePath(name) for path in paths for name in dict.fromkeys((path, os.path.realpath(path)))]
        self._resolved: dict[str, str] = {}  # folders, as many as items lie in

    def hold(self, uri: str) -> bool:
        """Whether an image lies in one of them: by its name, or by where its folder really is."""
        if not self.paths:
            return False
        folder, name = os.path.split(uri)
        if folder not in self._resolved:
            self._resolved[folder] = os.path.realpath(folder)
        names = (PurePath(uri), PurePath(self._resolved[folder], name))
        return any(name.is_relative_to(path) for name in names for path in self.paths)


def each_file_once(items: Sequence[Item], preferred: Places) -> list[Item]:
    """Of items that lead to one file only one: two paths to a file are one picture, not two.

    Args:
        items: the best first.
        preferred: a name of a file that lies there stands for it; else the first that is no link to it.
    """
    names: dict[object, list[Item]] = {}
    for item in items:
        names.setdefault(identity_of(item.uri) or item.id, []).append(item)
    return [min(same, key=lambda item: (not preferred.hold(item.uri), os.path.islink(item.uri))) for same in names.values()]
