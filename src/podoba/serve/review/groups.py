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

    @cached_property
    def removed(self) -> list[Member]:
        """The members that do not stay, as was decided or else is suggested."""
        return [member for member in self.members if not member.stays]

    @cached_property
    def is_inside_one_folder(self) -> bool:
        """Whether all of it lies in one folder."""
        return len({os.path.dirname(member.item.uri) for member in self.members}) == 1


class PresentGroups:
    """The groups that were found, with the items there are now, in the order in which they were found.

    Those of which one image or none is left are passed over. What was decided is laid over them after every decision.
    """

    def __init__(self, found: Found, items: ItemTable) -> None:
        known = items.known(item.id for group in found.groups for item in group.items)
        present = [(group, _present(group, known, items)) for group in found.groups]
        self._groups = [(group, members) for group, members in present if len(members) > 1]
        self._last: list[tuple[list[int], ReviewedGroup]] = []

    def reviewed(self, decisions: Sequence[Decision]) -> list[ReviewedGroup]:
        """The groups as these decisions leave them; one that no other decision is about than before is the same object."""
        about: defaultdict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            for picture in {item.picture for item in decision.items}:
                about[picture].append(decision)
        states: list[tuple[list[int], ReviewedGroup]] = []
        for place, (group, members) in enumerate(self._groups):
            concerned = {decision.number: decision for seen, _ in members for decision in about.get(seen.picture, ())}
            numbers = sorted(concerned)
            if self._last and self._last[place][0] == numbers:
                states.append(self._last[place])
            else:
                states.append((numbers, _reviewed(group, members, [concerned[number] for number in numbers])))
        self._last = states
        return [group for _, group in states]


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
