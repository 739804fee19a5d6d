"""Duplicates that were found: groups of images, each with the copy that is best kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from podoba.collection.storage.items import Item
from podoba.files import csv_text, shown
from podoba.images.record import Skipped

KINDS = ("identical", "same picture", "flipped or rotated", "cropped or edited", "near")
IDENTICAL, SAME, TURNED, CHANGED, NEAR = range(len(KINDS))


@dataclass(frozen=True)
class Copy:
    """An image of a group.

    Attributes:
        reason: what it is to the best one, or why that one is kept.
        kept: whether it stays where it is: the best one, and all that lie in a reference.
    """

    item: Item
    reason: str
    kind: str
    kept: bool = False


@dataclass(frozen=True)
class Group:
    """Images of one picture.

    Attributes:
        kind: the loosest of what the copies are to the one that is kept, a word of `KINDS`.
        keep: the best copy.
        copies: all others, each confirmed against it.
    """

    kind: str
    keep: Copy
    copies: Sequence[Copy]


@dataclass
class Duplicates:
    """What was found. `skipped`: images that could not be compared, since they cannot be read."""

    groups: list[Group]
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba duplicates --json`."""
        groups = [
            {
                "kind": group.kind,
                "keep": group.keep.item.id,
                "items": [
                    {
                        "id": copy.item.id,
                        "uri": shown(copy.item.uri),
                        "kind": copy.kind,
                        "reason": shown(copy.reason),
                        "kept": copy.kept,
                    }
                    for copy in [group.keep, *group.copies]
                ],
            }
            for group in self.groups
        ]
        skipped = [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.skipped]
        return {"groups": groups, "skipped": skipped, "seconds": self.seconds}

    def to_csv(self) -> str:
        """A line an image, the one that is kept first in its group, after a line with the names of the columns."""
        columns = ("group", "kept", "kind", "id", "uri", "reason")
        rows = [
            (number, copy.kept, copy.kind, copy.item.id, copy.item.uri, copy.reason)
            for number, group in enumerate(self.groups, 1)
            for copy in [group.keep, *group.copies]
        ]
        return csv_text(columns, rows)
