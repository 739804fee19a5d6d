"""The errors a person can cause: each says in one line what happened, why, and how to mend it."""

import difflib
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Self


class PodobaError(Exception):
    """Base of every error a person can cause; `str(error)` is one line fit to be printed after `error: `."""


class UnreadableImage(PodobaError):
    """An image that cannot be turned into pixels: it is counted, named and skipped, and never stops a run."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri = uri
        self.reason = reason

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        return type(self), (self.uri, self.reason)


class SourceError(PodobaError):
    """A source of images that does not exist or cannot be understood."""


class DownloadError(PodobaError):
    """A published file that could not be fetched or whose checksum is wrong."""


class SettingsError(PodobaError):
    """A setting that is unknown, of the wrong type, or at odds with another."""


class ModelError(PodobaError):
    """A descriptor model that is missing, damaged, or not the one a collection was built with."""


class CollectionError(PodobaError):
    """A collection that is missing, damaged, busy, or newer than this program."""


class UnknownItem(CollectionError):
    """An item that a collection does not have."""


class CollectionMissing(CollectionError):
    """A collection that was not made yet: there is no such file, or nothing was written into it."""


class CollectionBusy(CollectionError):
    """A collection that another process or thread writes to."""


class CollectionAway(CollectionError):
    """A collection in a vector database that does not answer now."""


class NeedsAFile(CollectionError):
    """Something that can be done with a collection's file alone, and not with an address."""

    def __init__(self, place: object) -> None:
        super().__init__(
            f"{place}: this needs a collection file, and that is an address: make one of the descriptors that were loaded there "
            "(`podoba import FILE.podoba FOLDER`)"
        )
        self.place = place

    def __reduce__(self) -> tuple[type[Self], tuple[object]]:
        return type(self), (self.place,)


class ContradictoryQuery(CollectionError):
    """A query whose images cancel each other."""


class FilterError(CollectionError):
    """A filter that is not understood.

    Attributes:
        place: at which character of it, from 0; None where that is not known.
    """

    def __init__(self, message: str, place: int | None = None) -> None:
        super().__init__(message)
        self.place = place


class TrainingError(PodobaError):
    """A training that cannot start or cannot go on."""


class MissingExtra(PodobaError):
    """A part of podoba that was not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"this needs {module}, which is not installed: pip install 'podoba[{extra}]'")


def require(module: str, extra: str) -> ModuleType:
    """Import and give back an optional module.

    Raises:
        MissingExtra: where it is not installed; names the extra that brings it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or module, extra) from error


def did_you_mean(
    name: str, known: Iterable[str], otherwise: str = "", *, count: int = 1, cutoff: float = 0.5, also: Iterable[str] = ()
) -> str:
    """`did you mean X?` for the `count` known names nearest to one that is not known; `otherwise` where none is near.

    Args:
        cutoff: from 0 (the nearest of all, however far) to 1 (equal), as in `difflib`.
        also: further names that may be meant, such as `near_paths`.
    """
    near = [*difflib.get_close_matches(name, list(known), count, cutoff), *also]
    return f"did you mean {' or '.join(near)}?" if near else otherwise


def near_paths(path: Path, suits: Callable[[Path], bool] = lambda path: True, *, cutoff: float = 0.7) -> list[str]:
    """The two files and folders beside a path that is not there whose names are nearest to its own, and that suit."""
    try:
        names = [beside.name for beside in path.absolute().parent.iterdir() if suits(beside)]
    except OSError:
        return []
    return [str(path.parent / name) for name in difflib.get_close_matches(path.name, names, 2, cutoff)]
