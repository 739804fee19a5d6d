"""What a person decided about duplicates, by the bytes of the images where known: it outlives moves and a change of model."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, groupby

from podoba.collection.storage.checksums import checksum_of
from podoba.collection.storage.database import Database
from podoba.collection.storage.items import BY_ID
from podoba.errors import CollectionError

COLUMNS = ("number", "batch", "made", "item", "picture", "kept")
COUNT = "decisions"  # the key, among the facts, of the number that was given last
BOUND = [f"?{place}" for place in range(1, len(COLUMNS) + 1)]
ADD = f"INSERT INTO decisions ({', '.join(COLUMNS)}, checksum) VALUES ({', '.join(BOUND)}, {checksum_of(BOUND)})"


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """An image of a group that was decided; `picture` as of `Item`, `kept`: whether it is to stay."""

    id: str
    picture: str
    kept: bool


@dataclass(frozen=True)
class Decision:
    """What a person wants to become of a group of duplicates.

    Attributes:
        number: no other decision ever had it; a later one has a greater number.
        batch: number that decisions made together share.
        made: when, UTC, as 2021-05-04T12:30:01.
    """

    number: int
    batch: int
    made: str
    items: Sequence[DecidedItem]

    def about(self, members: Sequence[tuple[str, str]]) -> dict[str, bool]:
        """Which of these members (id, `Item.picture`) are to stay, by id, of those that it was decided of.

        A member is known by its id, or else by its picture, as one whose file was moved.
        """
        own: defaultdict[tuple[str, str], bool] = defaultdict(bool)
        for item in self.items:
            own[item.id, item.picture] |= item.kept
        found = {id_: own.pop((id_, picture)) for id_, picture in members if (id_, picture) in own}
        left: defaultdict[str, list[bool]] = defaultdict(list)
        for (_, picture), kept in own.items():
            left[picture].append(kept)
        for id_, picture in members:
            if id_ not in found and left[picture]:
                found[id_] = max(left[picture])  # in doubt it stays
                left[picture].remove(found[id_])
        return found


class DecisionTable:
    """The decisions in a collection's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def revision(self) -> int:
        """Grows whenever a decision is made or taken back."""
        return int(self._database.fact(COUNT) or 0)

    def add(self, decisions: Sequence[Sequence[DecidedItem]]) -> int:
        """Keep what was decided of some groups. Returns the number of the batch; that of the first decision is the least."""
        made = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
        with self._database.transaction():
            first = self.revision + 1
            batch = first + len(decisions)
            rows = (
                (first + place, batch, made, item.id, item.picture, int(item.kept))
                for place, items in enumerate(decisions)
                for item in items
            )
            self._database.execute_many(ADD, rows)
            self._count(batch)
        return batch

    def select(self) -> list[Decision]:
        """All decisions, the oldest first. Raises `CollectionError` for damage."""
        names = ", ".join(COLUMNS)
        rows = self._database.rows(f"SELECT {names}, checksum IS {checksum_of(COLUMNS)} FROM decisions ORDER BY number, rowid")
        if not all(row[-1] for row in rows):
            path = self._database.path
            raise CollectionError(f"{path}: a decision is damaged: `podoba check {path} --repair` forgets it, or restore a copy")
        return [
            Decision(number, batch, made, [DecidedItem(str(row[3]), str(row[4]), bool(row[5])) for row in some])
            for (number, batch, made), some in groupby(rows, key=lambda row: (int(row[0]), int(row[1]), str(row[2])))
        ]

    def remove(self, batch: int) -> int:
        """Take back the decisions of a batch: those before them hold again. Returns how many there were."""
        with self._database.transaction():
            count = self._database.number("SELECT count(DISTINCT number) FROM decisions WHERE batch = ?", [batch])
            self._database.execute("DELETE FROM decisions WHERE batch = ?", [batch])
            self._count(self.revision + bool(count))
            return count

    def apart(self) -> set[tuple[str, str]]:
        """Pairs that are no duplicates, the smaller first: those that the last decision about both of them keeps.

        By `Item.picture`; of two files of the same bytes by `id:ID`.
        """
        beside: defaultdict[str, set[str]] = defaultdict(set)
        for decision in self.select():
            names = {name: item.kept for item in decision.items for name in (item.picture, f"{BY_ID}{item.id}")}
            for name in names.keys() & beside.keys():
                for other in beside[name] & names.keys():
                    beside[name].discard(other)
                    beside[other].discard(name)
            for first, second in _kept_together(decision.items):
                beside[first].add(second)
                beside[second].add(first)
        return {(first, second) for first, others in beside.items() for second in others if first < second}

    def damaged(self) -> int:
        """How many decisions are not what was written."""
        return self._database.number(f"SELECT count(DISTINCT number) FROM decisions WHERE checksum IS NOT {checksum_of(COLUMNS)}")

    def remove_damaged(self) -> None:
        """Forget the decisions of which a row is not what was written."""
        wrong = f"SELECT number FROM decisions WHERE checksum IS NOT {checksum_of(COLUMNS)}"
        with self._database.transaction():
            self._database.execute(f"DELETE FROM decisions WHERE number IN ({wrong})")
            self._count(self.revision + 1)

    def _count(self, number: int) -> None:
        self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [COUNT, str(number)])


class NotDuplicates:
    """Pairs of images that are not duplicates: those that were named, and those that were kept together."""

    def __init__(self, database: Database, decisions: DecisionTable) -> None:
        self._database, self._decisions = database, decisions

    def add(self, pictures: Iterable[str]) -> int:
        """Remember that no two of these images (`Item.picture`) are duplicates. Returns how many pairs were not known yet."""
        with self._database.transaction():
            before = len(self.pairs())
            pairs = combinations(sorted(set(pictures)), 2)
            self._database.execute_many("INSERT OR IGNORE INTO not_duplicates VALUES (?, ?)", pairs)
            return len(self.pairs()) - before

    def pairs(self) -> set[tuple[str, str]]:
        """The pairs, by `Item.picture`, of two files of the same bytes by `id:ID`; the smaller first."""
        named = {(str(first), str(second)) for first, second in self._database.rows("SELECT first, second FROM not_duplicates")}
        return named | self._decisions.apart()


def _kept_together(items: Sequence[DecidedItem]) -> Iterator[tuple[str, str]]:
    for one, other in combinations([item for item in items if item.kept], 2):
        same = one.picture == other.picture
        yield (f"{BY_ID}{one.id}", f"{BY_ID}{other.id}") if same else (one.picture, other.picture)
