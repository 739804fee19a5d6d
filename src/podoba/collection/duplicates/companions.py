"""Files that belong to a picture by their name: what an editor noted of it, the film of a live photograph, the raw picture."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from podoba.errors import PodobaError
from podoba.images.kinds import KINDS
from podoba.images.kinds import PICTURES as READ

RAW = frozenset(
    [
        ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".iiq", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl",
        ".sr2", ".srf", ".x3f",
    ]
)  # fmt: skip
BESIDE = frozenset([".xmp", ".aae", ".thm", ".mov", ".mp4"]) | RAW  # in the place of the picture's own ending
AFTER = frozenset([".xmp", ".aae", ".json"])  # after the whole name of the picture
PICTURES = READ.union(*(kind.endings for kind in KINDS if kind.extra is not None)) - RAW


class SharedCompanion(PodobaError):
    """A companion that belongs to another picture too, which stays."""


@dataclass(frozen=True)
class Named:
    """A file of a folder, by the parts of its name in small letters."""

    path: Path
    stem: str
    ending: str


Names = Mapping[str, Sequence[Path]]
"""What lies in a folder, by its name without the ending, in small letters."""


def names_in(folder: Path) -> Names:
    """What lies in a folder. Raises `OSError` where it cannot be listed."""
    names: defaultdict[str, list[Path]] = defaultdict(list)
    for name in os.listdir(folder):
        names[os.path.splitext(name)[0].lower()].append(folder / name)
    return dict(names)


def companions_of(path: Path, names: Names | None = None) -> list[Path]:
    """The companions of a picture in its folder, such as `1.xmp`, `1.jpg.xmp`, `1.mov` and `1.dng` of `1.jpg`, sorted.

    Args:
        names: of its folder; None: it is listed.

    Raises:
        SharedCompanion: one is as well that of another picture of the folder, such as `1.heic`.
        OSError: the folder cannot be listed.
    """
    own, names = _named(path), names_in(path.parent) if names is None else names
    alike = [*names.get(own.stem, ()), *names.get(path.name.lower(), ())]
    found = [_named(other) for other in alike if other.name != path.name and other.is_file()]
    after = [name.path for name in found if name.stem == path.name.lower() and name.ending in AFTER]
    mates = [name for name in found if name.stem == own.stem]
    beside = [name.path for name in mates if name.ending in BESIDE]
    others = [name.path for name in mates if name.ending in PICTURES]
    if others and own.ending in RAW:
        raise SharedCompanion(f"it belongs to {others[0].name} beside it, which stays")
    if others and beside:
        raise SharedCompanion(f"its companion {beside[0].name} is that of {others[0].name} too, which stays")
    return sorted([*after, *beside])


class Companions:
    """Which pictures have companions; each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[Path, Names] = {}

    def has(self, uri: str) -> bool:
        """Whether anything belongs to the picture in this file, shared or not."""
        path = Path(uri)
        if path.parent not in self._folders:
            try:
                self._folders[path.parent] = names_in(path.parent)
            except OSError:
                self._folders[path.parent] = {}
        try:
            return bool(companions_of(path, self._folders[path.parent]))
        except SharedCompanion:
            return True


def renamed(companion: Path, picture: Path, target: Path) -> Path:
    """What a companion of a picture is called beside the picture's new place: as that is, and with its own ending."""
    return target.with_name(target.stem + companion.name[len(picture.stem) :])


def _named(path: Path) -> Named:
    return Named(path, path.stem.lower(), path.suffix.lower())
