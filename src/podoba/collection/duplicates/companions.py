"""Files that belong to a picture by their name: what an editor noted of it, the film of a live photograph, the raw picture."""

import os
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


def companions_of(path: Path) -> list[Path]:
    """The companions of a picture in its folder, such as `1.xmp`, `1.jpg.xmp`, `1.mov` and `1.dng` of `1.jpg`, sorted.

    Raises:
        SharedCompanion: one is as well that of another picture of the folder, such as `1.heic`.
        OSError: the folder cannot be listed.
    """
    own = _named(path)
    # Most files of a folder have other names, and looking at each is slow.
    alike = [entry for entry in os.scandir(path.parent) if entry.name.lower().startswith(own.stem) and entry.name != path.name]
    names = [_named(Path(entry.path)) for entry in alike if entry.is_file()]
    after = [name.path for name in names if name.stem == path.name.lower() and name.ending in AFTER]
    mates = [name for name in names if name.stem == own.stem]
    beside = [name.path for name in mates if name.ending in BESIDE]
    others = [name.path for name in mates if name.ending in PICTURES]
    if others and own.ending in RAW:
        raise SharedCompanion(f"it belongs to {others[0].name} beside it, which stays")
    if others and beside:
        raise SharedCompanion(f"its companion {beside[0].name} is that of {others[0].name} too, which stays")
    return sorted([*after, *beside])


def has_companions(uri: str) -> bool:
    """Whether anything belongs to the picture in this file, shared or not."""
    try:
        return bool(companions_of(Path(uri)))
    except SharedCompanion:
        return True
    except OSError:
        return False


def renamed(companion: Path, picture: Path, target: Path) -> Path:
    """What a companion of a picture is called beside the picture's new place: as that is, and with its own ending."""
    return target.with_name(target.stem + companion.name[len(picture.stem) :])


def _named(path: Path) -> Named:
    return Named(path, path.stem.lower(), path.suffix.lower())
