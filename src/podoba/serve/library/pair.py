"""Two collections of the same pictures, described by two models: the pictures are joined by their bytes."""

from dataclasses import dataclass

import numpy as np

from podoba.arrays import Indices
from podoba.collection.columns import ItemColumns
from podoba.serve.problems import Problem
from podoba.serve.queries.opened import OpenedFile

UNKNOWN = -1  # of an image whose bytes are not known: it equals no other
DIGITS = 15  # hexadecimal ones of a sha256 that are compared: two different images share them by no chance that counts


@dataclass(frozen=True)
class Side:
    """One of the two, in one state.

    Attributes:
        state: of the collection.
        keys: int64 (n,), what an image's bytes are compared by, in the order of `columns`; UNKNOWN where they are not known.
    """

    opened: OpenedFile
    state: tuple[int, str]
    columns: ItemColumns
    keys: Indices

    @classmethod
    def of(cls, opened: OpenedFile) -> "Side":
        """A collection as it is now."""
        with opened.collection.store.snapshot():
            state, columns = opened.columns.read()
            contents = list(opened.collection.store.items.all_contents())
        keys = np.full(len(columns), UNKNOWN, dtype=np.int64)
        rows = columns.rows(np.array([number for number, _ in contents], dtype=np.int64))
        keys[rows] = np.array([int(content[:DIGITS], 16) for _, content in contents], dtype=np.int64)
        return cls(opened, state, columns, keys)

    def labels(self, rows: Indices) -> list[str | None]:
        """Labels of rows; None for a row of -1, and for an item without one."""
        column = self.columns.columns["label"]
        codes = np.where(rows < 0, -1, column.codes[rows])
        return [None if code < 0 else str(column.values[code]) for code in codes.ravel().tolist()]


def common(a: Side, b: Side) -> tuple[Indices, Indices]:
    """Rows of the images that both have, of the first item of each: in a, and in the same order in b."""
    known = [np.flatnonzero(side.keys != UNKNOWN) for side in (a, b)]
    _, in_a, in_b = np.intersect1d(a.keys[known[0]], b.keys[known[1]], return_indices=True)
    return known[0][in_a], known[1][in_b]


def check_two(a: str, b: str) -> None:
    """Raise `Problem` 422 where a collection is compared with itself."""
    if a == b:
        raise Problem(422, "same_collection", "two different collections are compared")
