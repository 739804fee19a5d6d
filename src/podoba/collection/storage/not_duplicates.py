"""Pairs of images that a person said are not duplicates, named by their bytes: they outlive moves and a change of model."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from podoba.collection.storage.items import Item
from podoba.collection.storage.models import ModelStore


class ApartStore(ModelStore):
    """A collection's file with the pairs that were set apart."""

    def set_apart(self, items: Sequence[Item]) -> int:
        """Remember that no two of these items are duplicates of each other. Returns how many pairs were not known yet."""
        with self.transaction():
            before = len(self.apart())
            for first, second in combinations(sorted({item.content for item in items}), 2):
                self._execute("INSERT OR IGNORE INTO apart VALUES (?, ?)", [first, second])
            return len(self.apart()) - before

    def apart(self) -> set[tuple[str, str]]:
        """The pairs that were set apart, by the sha256 of their bytes, the smaller first."""
        return {(str(first), str(second)) for first, second in self._rows("SELECT first, second FROM apart")}
