"""What becomes of items whose image is no longer listed: vanished, away with its disk, left out, or too many to be believed."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from podoba.collection.storage.items import Item

CLOSED = ""  # in the place of a folder: what is in it cannot be known at the moment


@dataclass(frozen=True)
class UpdateSettings:
    """How an update looks, and what it believes.

    Attributes:
        verify: every image is read again, also where size and time of its file are as before.
        remove_vanished: what is away, and what vanished in great numbers, is removed from the collection.
        doubted_share: of the items of the sources: where more vanish in one update, and more than `doubted_number`, none of
            them is removed.
        doubted_number: items that may vanish in one update at any rate.
    """

    verify: bool = False
    remove_vanished: bool = False
    doubted_share: float = 0.1
    doubted_number: int = 20


DEFAULT = UpdateSettings()


@dataclass
class Gone:
    """Items whose image is no longer listed.

    Attributes:
        items: all of them, those that are away first.
        away: by the id of an item the folder that it was in, where that is there and has no picture in it.
        excluded: ids of those that are left out by name now.
        of: how many items of the sources there were.
    """

    items: list[Item] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)
    of: int = 0


@dataclass(frozen=True)
class Verdict:
    """What becomes of them.

    Attributes:
        removed: ids of items to be removed.
        away: how many are kept because no picture at all is left in a folder, by folder.
        held_back: how many are kept because so many at once are doubted.
    """

    removed: list[str]
    away: dict[str, int]
    held_back: int


def judge(gone: Gone, left: Iterable[Item], settings: UpdateSettings) -> Verdict:
    """What becomes of those items that are gone and did not turn up elsewhere (`left`)."""
    ids = [item.id for item in left]
    if settings.remove_vanished:
        return Verdict(ids, {}, 0)
    away = Counter(gone.away[id_] for id_ in ids if id_ in gone.away)
    vanished = [id_ for id_ in ids if id_ not in gone.away and id_ not in gone.excluded]
    doubted = len(vanished) > settings.doubted_number and len(vanished) > settings.doubted_share * gone.of
    removed = [id_ for id_ in ids if id_ in gone.excluded] + ([] if doubted else vanished)
    return Verdict(removed, dict(sorted(away.items())), len(vanished) if doubted else 0)


def folders_without_pictures(items: Sequence[Item], listed: Iterable[str]) -> dict[str, str]:
    """Of items that are no longer listed, by id: the folder that is there and has no picture in it any more.

    An empty mount point is such a folder. Where the folder of an image is gone too, the next one above that is there counts: a
    folder that was removed among others has vanished. `CLOSED` where a folder, or a link, cannot be looked into at the moment.

    Args:
        listed: paths of all images that are listed and there.
    """
    holding: set[str] = set()
    for uri in listed:
        folder = os.path.dirname(uri)
        while folder not in holding:
            holding.add(folder)
            folder = os.path.dirname(folder)
    nearest = cache(_nearest_folder)
    found = {}
    for item in items:
        there = _is_there(item.uri)
        folder = CLOSED if there is None else nearest(os.path.dirname(item.uri))
        if there is not True and folder not in holding:
            found[item.id] = folder
    return found


def _nearest_folder(path: str) -> str:
    """This folder, or the next above it that is there; `CLOSED` where that cannot be known."""
    while not (there := _is_there(path)):
        if there is None:
            return CLOSED
        path = os.path.dirname(path)
    try:
        os.scandir(path).close()
    except NotADirectoryError:
        return _nearest_folder(os.path.dirname(path))
    except OSError:
        return CLOSED
    return path


def _is_there(path: str) -> bool | None:
    """Whether something has this path; None where that cannot be known, as of a link that leads nowhere at the moment."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None if os.path.islink(path) else False
    except OSError:
        return None
    return True
