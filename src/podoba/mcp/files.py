"""The files that an assistant may name: those below folders that a person named."""

from collections.abc import Sequence
from pathlib import Path

from podoba.errors import SourceError
from podoba.files import found_below, shown


class AllowedFiles:
    """Files below some folders."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises `SourceError` for what is no folder."""
        self.folders: list[Path] = []
        for folder in folders:
            place = folder.expanduser().resolve()
            if not place.is_dir():
                raise SourceError(f"{folder}: no such folder: name one below which pictures may be read")
            self.folders.append(place)

    def find(self, name: str) -> Path:
        """The file of a name, links followed.

        Raises:
            SourceError: it is not there, is no file, or lies elsewhere; which of these is not told.
        """
        place = found_below(Path(name), self.folders)
        if place is not None and place.is_file():
            return place
        where = ", ".join(shown(str(folder)) for folder in self.folders) or "none: the server was started without --allow FOLDER"
        raise SourceError(f"{shown(name)}: no such file among those that may be read (folders: {where}): name another, or id:ID")
