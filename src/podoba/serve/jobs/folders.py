"""The folders below which pictures may be indexed: what is in them, and nothing outside."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from podoba.files import found_below, shown
from podoba.images.kinds import is_picture
from podoba.serve.jobs.settings import DEFAULT, JobSettings
from podoba.serve.problems import Problem


@dataclass(frozen=True)
class Folder:
    """A folder that may be indexed.

    Attributes:
        root: number of the allowed folder that it is, or lies in.
        path: its place below that, with `/` between; empty: the allowed folder itself.
        name: its own name.
        pictures: how many pictures lie in it, those of its folders not counted.
        folders: how many folders do.
    """

    root: int
    path: str
    name: str
    pictures: int
    folders: int


@dataclass(frozen=True)
class Listing:
    """A folder and what lies in it.

    Attributes:
        folders: sorted by name, at most as many as are shown.
        more: how many further ones there are.
    """

    folder: Folder
    folders: list[Folder]
    more: int

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return asdict(self)


class AllowedFolders:
    """The folders that were allowed when the server started."""

    def __init__(self, roots: Sequence[Path], settings: JobSettings = DEFAULT) -> None:
        self._roots = [root.resolve() for root in roots]
        self._settings = settings

    def roots(self) -> list[Folder]:
        """The allowed folders that are there at the moment."""
        return [self._folder(number, "", root) for number, root in enumerate(self._roots) if root.is_dir()]

    def listing(self, root: int, path: str) -> Listing:
        """What lies in a folder. Raises `Problem` where it is not an allowed one, or is not there."""
        place = self.place(root, path)
        below = [(f"{path}/{name}" if path else name, name) for name in sorted(_folders_in(place), key=str.casefold)]
        shown = below[: self._settings.shown_folders]
        folders = [self._folder(root, inner, place / name) for inner, name in shown]
        return Listing(self._folder(root, path, place), folders, len(below) - len(shown))

    def place(self, root: int, path: str) -> Path:
        """The folder itself.

        Raises:
            Problem: it is not there, or, links followed, does not lie below an allowed folder.
        """
        if 0 <= root < len(self._roots):
            found = found_below(self._roots[root] / path, [self._roots[root]])
            if found is not None and found.is_dir():
                return found
        raise Problem(404, "unknown_folder", "there is no such folder among those that may be indexed")

    def _folder(self, root: int, path: str, place: Path) -> Folder:
        pictures = folders = 0
        try:
            with os.scandir(place) as entries:
                for entry, _ in zip(entries, range(self._settings.looked_at), strict=False):
                    if _is_shown_folder(entry):
                        folders += 1
                    elif is_picture(entry.name) and not entry.name.startswith("."):
                        pictures += 1
        except OSError:  # it may not be read: as if it were empty
            pass
        return Folder(root, path, place.name or str(place), pictures, folders)


def _folders_in(place: Path) -> list[str]:
    try:
        with os.scandir(place) as entries:
            return [entry.name for entry in entries if _is_shown_folder(entry)]
    except OSError:
        raise Problem(403, "closed_folder", "this folder may not be read by the person who runs the server") from None


def _is_shown_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder whose name is text; links may lead elsewhere, and what begins with a dot is hidden."""
    is_text = shown(entry.name) == entry.name
    return is_text and not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
