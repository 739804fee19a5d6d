"""The groups as they stand: what was found, with the items there are now and what was decided of them."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from podoba.collection.storage.decisions import Decision
from podoba.collection.storage.items import Item, ItemTable
from podoba.serve.review.found import Found, FoundGroup, FoundItem

SAFE = ("identical", "same picture")  # kinds that are decided many at once
REMAINING = "kept: the one that was better is gone"
COPIES = 100  # items of the same bytes among which one that was moved is looked for

State = Literal["open", "decided", "returned"]
"""`returned`: it was decided, and has a new member."""


@dataclass(frozen=True)
class Member:
    """An image of a group.

    Attributes:
        kind, reason: as of `FoundItem`.
        suggested: whether it is the best, or lies in a reference.
        decided: whether it was decided to stay; None: it is new, or nothing was decided.
        stays: as was decided; else as is suggested, or, beside what was decided to stay, not.
    """

    item: Item
    kind: str
    reason: str
    suggested: bool
    decided: bool | None
    stays: bool


@dataclass(frozen=True)
class ReviewedGroup:
    """A group of the review.

    Attributes:
        kind: the loosest of its members.
        decision: the number of the last decision about any of its members; None: there is none.
        members: the best first.
    """

    kind: str
    state: State
    decision: int | None
    members: Sequence[Member]

    @cached_property
    def key(self) -> str:
        """A name of the group that no group of other members has."""
        names = sorted(f"{member.item.id} {member.item.picture}" for member in self.members)
        return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:20]

    @property
    def removed(self) -> list[Member]:
        """The members that do not stay, as was decided or else is suggested."""
        return [member for member in self.members if not member.stays]

    @property
    def is_inside_one_folder(self) -> bool:
        """Whether all of it lies in one folder."""
        return len({os.path.dirname(member.item.uri) for member in self.members}) == 1


def groups_of(found: Found, items: ItemTable, decisions: Sequence[Decision]) -> list[ReviewedGroup]:
    """The groups in the order in which they were found; those of which one image or none is left are passed over."""
    known = items.known(item.id for group in found.groups for item in group.items)
    about: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        for picture in {item.picture for item in decision.items}:
            about[picture].append(decision)
    groups = []
    for group in found.groups:
        present = _present(group, known, items)
        if len(present) > 1:
            pictures = {item.picture for _, item in present}
            concerned = {decision.number: decision for picture in pictures for decision in about.get(picture, ())}
            groups.append(_reviewed(group, present, [concerned[number] for number in sorted(concerned)]))
    return groups


def _present(group: FoundGroup, known: dict[str, Item], items: ItemTable) -> list[tuple[FoundItem, Item]]:
    """The images of a group that are there as they were, or have moved."""
    present: list[tuple[FoundItem, Item]] = []
    taken = {seen.id for seen in group.items if seen.id in known}
    for seen in group.items:
        item = known.get(seen.id)
        if item is None:
            item = next((other for other in items.of_content(seen.picture, COPIES) if other.id not in taken), None)
        if item is not None and item.picture == seen.picture:
            taken.add(item.id)
            present.append((seen, item))
    return present


def _reviewed(group: FoundGroup, present: Sequence[tuple[FoundItem, Item]], decisions: Sequence[Decision]) -> ReviewedGroup:
    """A group as the last decision about any of it left it.

    It is open again where all that was to stay is gone: the rest would not be moved for what is no longer there.
    """
    names = [(item.id, item.picture) for _, item in present]
    kept = decisions[-1].about(names) if decisions else {}
    state: State = "open"
    if len(kept) < len(names) and kept:
        state = "returned"
    elif any(kept.values()):
        state = "decided"
    else:
        kept = {}
    best_is_gone = not any(seen.kept for seen, _ in present)
    members = []
    for place, (seen, item) in enumerate(present):
        instead = best_is_gone and not place
        suggested, decided = seen.kept or instead, kept.get(item.id)
        stays = decided if decided is not None else suggested and not any(kept.values())
        members.append(Member(item, seen.kind, REMAINING if instead else seen.reason, suggested, decided, stays))
    return ReviewedGroup(group.kind, state, decisions[-1].number if decisions else None, members)
