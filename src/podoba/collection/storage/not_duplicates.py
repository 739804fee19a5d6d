"""Pairs of images that a person said are not duplicates, by their bytes where known: they outlive moves and a change of model."""

from collections.abc import Iterable
from itertools import combinations

from podoba.collection.storage.database import Database


class NotDuplicates:
    """The pairs in a collection's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, pictures: Iterable[str]) -> int:
        """Remember that no two of these images (`Item.picture`) are duplicates. Returns how many pairs were not known yet."""
        with self._database.transaction():
            before = len(self.pairs())
            pairs = combinations(sorted(set(pictures)), 2)
            self._database.execute_many("INSERT OR IGNORE INTO not_duplicates VALUES (?, ?)", pairs)
            return len(self.pairs()) - before

    def pairs(self) -> set[tuple[str, str]]:
        """The pairs, by `Item.picture`, the smaller first."""
        return {(str(first), str(second)) for first, second in self._database.rows("SELECT first, second FROM not_duplicates")}
