"""The groups that were found last, in the cache folder beside a collection: they can be found again, what was decided cannot."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from podoba.collection.duplicates.results import Copy, Duplicates
from podoba.files import shown, write_text

FILE = "duplicates.json"
VERSION = 1


@dataclass(frozen=True)
class FoundItem:
    """An image of a group, as it was when the group was found.

    Attributes:
        picture: `Item.picture`.
        kind: what it is to the best one, a word of `KINDS`.
        reason: why, or why it is the best, as `Copy.reason`.
        kept: whether it is suggested to stay.
    """

    id: str
    picture: str
    kind: str
    reason: str
    kept: bool


@dataclass(frozen=True)
class FoundGroup:
    """Images of one picture, the best first; `kind` as of `Group`."""

    kind: str
    items: Sequence[FoundItem]


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        kinds, where: what was looked for, and among which items.
        generation: of the collection, which has changed since where it has another one.
        made: when, UTC, as 2021-05-04T12:30:01.
        skipped: images that could not be compared.
    """

    kinds: Sequence[str]
    where: str | None
    generation: int
    made: str
    skipped: int
    groups: Sequence[FoundGroup]


def found_of(duplicates: Duplicates, kinds: Sequence[str], where: str | None, generation: int) -> Found:
    """What is kept of a search for duplicates."""
    groups = [FoundGroup(group.kind, [_item(copy) for copy in (group.keep, *group.copies)]) for group in duplicates.groups]
    made = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
    return Found(list(kinds), where, generation, made, len(duplicates.skipped), groups)


def save(found: Found, folder: Path) -> None:
    """Write it into a cache folder, in the place of what was found before. Raises `OSError`."""
    folder.mkdir(exist_ok=True)
    write_text(folder / FILE, json.dumps({"version": VERSION, **asdict(found)}))


def stamp_of(folder: Path) -> tuple[int, int] | None:
    """What differs once something else is saved; None where nothing is."""
    try:
        status = (folder / FILE).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def load(folder: Path) -> Found | None:
    """What was saved last; None where nothing was, or it is not of this version, or damaged: it is found again."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if values.pop("version") != VERSION:
            return None
        groups = [FoundGroup(group["kind"], [FoundItem(**item) for item in group["items"]]) for group in values.pop("groups")]
        return Found(groups=groups, **values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _item(copy: Copy) -> FoundItem:
    return FoundItem(copy.item.id, copy.item.picture, copy.kind, shown(copy.reason), copy.kept)
