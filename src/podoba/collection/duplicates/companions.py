"""Files that belong to a picture by their name: what an editor noted of it, the film of a live photograph, the raw picture."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from podoba.errors import PodobaError
from podoba.images.kinds import KINDS, ending_of
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


def companions_of(path: Path) -> list[Path]:
    """The companions of a picture in its folder, such as `1.xmp`, `1.jpg.xmp`, `1.mov` and `1.dng` of `1.jpg`, sorted.

    Raises:
        SharedCompanion: one is as well that of another picture of the folder, such as `1.heic`.
        OSError: the folder cannot be listed.
    """
    by_stem = _names_by_stem(str(path.parent), os.stat(path.parent).st_mtime_ns)
    mates = [
        mate for name in by_stem.get(path.stem.lower(), ()) if name != path.name and (mate := path.with_name(name)).is_file()
    ]
    longer = [path.with_name(name) for name in by_stem.get(path.name.lower(), ())]
    after = [name for name in longer if ending_of(name.name) in AFTER and name.is_file()]
    beside = [mate for mate in mates if ending_of(mate.name) in BESIDE]
    others = [mate for mate in mates if ending_of(mate.name) in PICTURES]
    if others and ending_of(path.name) in RAW:
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


@lru_cache(maxsize=64)
def _names_by_stem(folder: str, changed: int) -> Mapping[str, Sequence[str]]:
    """The names in a folder, in the state that its time names, by their stems in small letters.

    A folder is listed once for all its pictures: listing it for each would take time that grows with the square of them.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name in os.listdir(folder):
        names[os.path.splitext(name)[0].lower()].append(name)
    return dict(names)
