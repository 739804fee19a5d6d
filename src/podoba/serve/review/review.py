"""The review of a collection's duplicates, for any number of pages at once: none writes over what another has decided."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from podoba.collection.collection import Collection
from podoba.collection.storage.decisions import DecidedItem, Decision
from podoba.serve.problems import Problem
from podoba.serve.review.found import Found, load, stamp_of
from podoba.serve.review.groups import SAFE, PresentGroups, ReviewedGroup

CHANGED = "these groups are no longer what they were: load them again"
ELSEWHERE = "something else was decided about these groups meanwhile: load them again"


@dataclass(frozen=True)
class Choice:
    """What a person wants of a group.

    Attributes:
        group: its key.
        keep: ids of its members that stay, at least one.
        seen: `ReviewedGroup.decision` when the person saw it.
    """

    group: str
    keep: Sequence[str]
    seen: int | None = None


@dataclass(frozen=True)
class Standing:
    """How the review stands at a moment.

    Attributes:
        found: None where nothing was found yet.
        fresh: whether the collection is as it was when it was found.
        groups: in the order in which they were found.
        decisions: all of the collection, the oldest first.
    """

    found: Found | None
    fresh: bool
    groups: Sequence[ReviewedGroup]
    decisions: Sequence[Decision]


@dataclass(frozen=True)
class Undone:
    """What was taken back: the number of the batch, how many decisions it had, and the key of the first one's group."""

    batch: int
    count: int
    group: str | None


class Review:
    """The review of one collection; threads may share it."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._lock = Lock()
        self._found: tuple[object, Found | None, PresentGroups | None] | None = None
        self._known: tuple[object, Standing] | None = None

    def standing(self) -> Standing:
        """How it stands now."""
        store, folder = self.collection.store, self.collection.index.cache.folder
        with store.snapshot(), self._lock:
            generation, revision = store.database.generation, store.decisions.revision
            of_found = (stamp_of(folder), generation)
            if self._known is not None and self._known[0] == (of_found, revision):
                return self._known[1]
            if self._found is None or self._found[0] != of_found:
                found = load(folder)
                self._found = of_found, found, None if found is None else PresentGroups(found, store.items)
            _, found, present = self._found
            decisions = store.decisions.select()
            groups = [] if present is None else present.reviewed(decisions)
            standing = Standing(found, found is not None and found.generation == generation, groups, decisions)
            self._known = (of_found, revision), standing
            return standing

    def decide(self, choices: Sequence[Choice]) -> int:
        """Keep what a person decided, all of it or nothing. Returns the number of the batch.

        Raises:
            Problem: a group that is not there any more, or that somebody decided meanwhile; nothing would stay of one.
            CollectionError: another process is writing.
        """
        store = self.collection.store
        with store.transaction():
            groups = {group.key: group for group in self.standing().groups}
            _refuse("group_changed", CHANGED, [choice.group for choice in choices if choice.group not in groups])
            other = [choice.group for choice in choices if groups[choice.group].decision != choice.seen]
            _refuse("decided_elsewhere", ELSEWHERE, other)
            return store.decisions.add([_decided(groups[choice.group], choice.keep) for choice in choices])

    def safe(self, kinds: Sequence[str], *, across: bool = False) -> list[ReviewedGroup]:
        """The groups of safe kinds that are open, as suggested; `across`: without those inside one folder. Raises `Problem`."""
        if not set(kinds) <= set(SAFE):
            raise Problem(422, "unsafe_kind", "only identical files and the same picture are decided many at once", safe=SAFE)
        wanted = [group for group in self.standing().groups if group.state == "open" and group.kind in kinds]
        return [group for group in wanted if not (across and group.is_inside_one_folder)]

    def decide_safe(self, kinds: Sequence[str], *, across: bool, seen: str) -> int:
        """Decide the `safe` groups as suggested, where they are those that a person saw (`token_of`). Returns the batch.

        Raises:
            Problem: they are others by now, or there are none.
        """
        with self.collection.store.transaction():
            groups = self.safe(kinds, across=across)
            if not groups or token_of(groups) != seen:
                raise Problem(409, "overview_changed", "these groups have changed since the overview: look at it again")
            return self.decide([Choice(group.key, _staying(group), group.decision) for group in groups])

    def undo(self, batch: int | None = None) -> Undone:
        """Take back the last decisions, or those of a batch. Raises `Problem` where there is no such batch."""
        store = self.collection.store
        with store.transaction():
            decisions = store.decisions.select()
            wanted = max((decision.batch for decision in decisions), default=0) if batch is None else batch
            concerned = [decision for decision in decisions if decision.batch == wanted]
            if not concerned:
                raise Problem(404, "nothing_to_undo", "there is no such decision any more")
            pictures = {item.picture for item in concerned[0].items}
            of_first = (group for group in self.standing().groups if any(one.item.picture in pictures for one in group.members))
            store.decisions.remove(wanted)
            return Undone(wanted, len(concerned), next((group.key for group in of_first), None))


def token_of(groups: Sequence[ReviewedGroup]) -> str:
    """What differs once other groups would be decided, or otherwise."""
    lines = [f"{group.key} {group.decision} {' '.join(sorted(_staying(group)))}" for group in groups]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _staying(group: ReviewedGroup) -> list[str]:
    return [member.item.id for member in group.members if member.stays]


def _decided(group: ReviewedGroup, keep: Sequence[str]) -> list[DecidedItem]:
    ids = [member.item.id for member in group.members]
    if not keep or not set(keep) <= set(ids):
        raise Problem(422, "nothing_kept", "at least one picture of a group has to stay, and only its own can")
    return [DecidedItem(member.item.id, member.item.picture, member.item.id in keep) for member in group.members]


def _refuse(code: str, detail: str, groups: Sequence[str]) -> None:
    if groups:
        raise Problem(409, code, detail, groups=groups)


class Reviews:
    """The reviews of the collections that are served."""

    def __init__(self) -> None:
        self._reviews: WeakKeyDictionary[Collection, Review] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, collection: Collection) -> Review:
        """That of a collection."""
        with self._lock:
            return self._reviews.setdefault(collection, Review(collection))
