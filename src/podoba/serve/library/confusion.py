"""Which classes two models take for which: their retrieval confusion on the pictures that two collections share."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.metrics.confusion import Matrix, most_confused_classes, retrieval_confusion
from podoba.serve.bounded import Bounded
from podoba.serve.library.pair import Side, check_two, common
from podoba.serve.library.settings import DEFAULT, LibrarySettings
from podoba.serve.problems import Problem
from podoba.serve.queries.listing import numbered
from podoba.serve.queries.queries import Queries

NONE = -1  # a neighbour that is not there, or has no label
SAME = 5  # further neighbours that are asked for, in the place of the query itself and of its copies
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """What one model found.

    Attributes:
        rows: int64 (Q,), of the queries.
        neighbours: int64 (Q, k), rows of what each found, itself left out; NONE where there is none.
        classes: int64 (Q, k), their classes; NONE where one has none.
        matrix: of the retrieval confusion, float64 (C, C).
    """

    side: Side
    rows: Indices
    neighbours: Indices
    classes: Codes
    matrix: Matrix


@dataclass(frozen=True)
class Confusion:
    """What both models found for the same queries.

    Attributes:
        k: neighbours of each query that count.
        classes: names, as rows and columns of the matrices.
        labels: int64 (Q,), the class of each query.
        common: pictures that both collections have.
        labelled: those of them that have a label, of which the queries are a sample.
        found: by each of the models; empty where there is no query.
    """

    k: int
    classes: list[str]
    labels: Codes
    common: int
    labelled: int
    found: tuple[Found, ...]


class Confusions:
    """Confusions that were computed, kept for as long as neither collection changes; threads share it."""

    def __init__(self, queries: Queries, settings: LibrarySettings = DEFAULT) -> None:
        self._queries, self._settings = queries, settings
        self._kept: Bounded[tuple[object, ...], Confusion] = Bounded(settings.confusions_kept)
        self._computing = Lock()

    def of(self, a: str, b: str, k: int) -> Confusion:
        """That of two collections. Raises `Problem` where one is compared with itself."""
        check_two(a, b)
        with self._computing:  # one after the other: each takes all the time there is
            sides = Side.of(self._queries.opened_file(a)), Side.of(self._queries.opened_file(b))
            key = (a, sides[0].state, b, sides[1].state, k)
            known = self._kept.get(key)
            if known is None:
                known = confused(*sides, k, self._settings.sample)
                self._kept.put(key, known)
            return known

    def described(self, a: str, b: str, k: int) -> dict[str, Any]:
        """What a client is told: the matrices of the classes that are shown, and which entries differ most. Raises as `of`."""
        confusion = self.of(a, b, k)
        facts = {"k": k, "common": confusion.common, "labelled": confusion.labelled, "sampled": len(confusion.labels)}
        if not confusion.found:
            return facts | {"classes": [], "all_classes": 0, "a": None, "b": None, "worst": []}
        first, second = (found.matrix for found in confusion.found)
        shown = most_confused_classes((first + second) / 2, self._settings.classes)
        entries = _worst(first, second, shown, self._settings.entries)
        return facts | {
            "classes": [confusion.classes[i] for i in shown],
            "all_classes": len(confusion.classes),
            "a": _matrix(confusion, 0, shown),
            "b": _matrix(confusion, 1, shown),
            "worst": [{"query": confusion.classes[row], "found": confusion.classes[column]} for row, column in entries],
        }

    def entry(self, a: str, b: str, k: int, query: str, found: str, show_paths: bool) -> dict[str, Any]:
        """The queries of one class for which most of another was found, by either model, with what was found. Raises as `of`."""
        confusion = self.of(a, b, k)
        if query not in confusion.classes or found not in confusion.classes:
            raise Problem(404, "unknown_class", "no class of this name is among the pictures that were compared")
        row, column = confusion.classes.index(query), confusion.classes.index(found)
        queries = np.flatnonzero(confusion.labels == row)
        counts = [(one.classes[queries] == column).sum(axis=1) for one in confusion.found]
        order = [int(i) for i in np.argsort(-(counts[0] + counts[1]), kind="stable") if counts[0][i] + counts[1][i]]
        listed = order[: self._settings.entry_queries]
        pictures = [self._items(one, queries[listed], column, show_paths) for one in confusion.found]
        asked = self._numbered(confusion.found[0], confusion.found[0].rows[queries[listed]].tolist(), show_paths)
        return {
            "query": query,
            "found": found,
            "queries": [
                {"item": item, "a": {"count": int(counts[0][i]), "items": of_a}, "b": {"count": int(counts[1][i]), "items": of_b}}
                for i, item, of_a, of_b in zip(listed, asked, *pictures, strict=True)
                if item is not None
            ],
            "of": len(order),
        }

    def _items(self, found: Found, queries: Indices, column: int, show_paths: bool) -> list[list[dict[str, Any] | None]]:
        most = self._settings.entry_items
        rows = [found.neighbours[query][found.classes[query] == column][:most].tolist() for query in queries]
        return [[item for item in self._numbered(found, one, show_paths) if item is not None] for one in rows]

    @staticmethod
    def _numbered(found: Found, rows: Sequence[int], show_paths: bool) -> list[dict[str, Any] | None]:
        """Items of rows; None for one that has gone since."""
        numbers = [int(found.side.columns.numbers[row]) for row in rows]
        items = {item["number"]: item for item in numbered(found.side.opened, numbers, show_paths=show_paths)}
        return [items.get(number) for number in numbers]


def confused(a: Side, b: Side, k: int, sample: int) -> Confusion:
    """The confusion of two collections, on a sample of the labelled pictures that both have."""
    rows_a, rows_b = common(a, b)
    names = np.array(a.labels(rows_a), dtype=object)
    labelled = np.flatnonzero(names != None)  # noqa: E711 (of each element)
    if not len(labelled):
        return Confusion(k, [], np.empty(0, dtype=np.int64), len(rows_a), 0, ())
    drawn = labelled
    if len(labelled) > sample:
        drawn = np.sort(np.random.default_rng(0).choice(labelled, sample, replace=False))
    classes = sorted({str(value) for side in (a, b) for value in side.columns.columns["label"].values})
    codes = {name: code for code, name in enumerate(classes)}
    labels = np.array([codes[str(name)] for name in names[drawn]], dtype=np.int64)
    found = tuple(_found(side, rows[drawn], k, labels, classes, codes) for side, rows in ((a, rows_a), (b, rows_b)))
    return Confusion(k, classes, labels, len(rows_a), len(labelled), found)


def _found(side: Side, rows: Indices, k: int, labels: Codes, classes: list[str], codes: dict[str, int]) -> Found:
    """What a model finds for items of its collection."""
    collection = side.opened.collection
    neighbours = np.full((len(rows), k), NONE, dtype=np.int64)
    descriptors = collection.vectors()
    places = np.searchsorted(descriptors.numbers, side.columns.numbers[rows])
    nearest = collection.nearest(descriptors.matrix[places], k + SAME)
    for place, numbers in enumerate(nearest.numbers):
        near = side.columns.rows(numbers)
        others = near[(near != rows[place]) & (side.keys[near] != side.keys[rows[place]])][:k]
        neighbours[place, : len(others)] = others
    of_each = np.array([NONE if name is None else codes[name] for name in side.labels(neighbours)], dtype=np.int64)
    found = of_each.reshape(neighbours.shape)
    matrix = retrieval_confusion(
        np.where(found == NONE, NONE, np.arange(found.size).reshape(found.shape)),
        [classes[code] for code in labels],
        [classes[code] for code in found.ravel()],
        classes,
    )
    return Found(side, rows, neighbours, found, matrix)


def _matrix(confusion: Confusion, which: int, shown: Sequence[int]) -> dict[str, Any]:
    found = confusion.found[which]
    valid = found.classes != NONE
    right = (found.classes == confusion.labels[:, None]) & valid
    card = found.side.opened.collection.card
    return {
        "model": found.side.opened.name if card is None else card.name,
        "shares": found.matrix[np.ix_(shown, shown)].round(4).ravel().tolist(),
        "precision": float(right.sum() / valid.sum()) if valid.any() else None,
    }


def _worst(a: Matrix, b: Matrix, shown: Sequence[int], most: int) -> list[tuple[int, int]]:
    """The entries off the diagonal on which the models differ most, and then those that both confuse most."""
    kept = np.zeros_like(a, dtype=bool)
    kept[np.ix_(shown, shown)] = True
    np.fill_diagonal(kept, False)
    weight = np.where(kept, np.abs(a - b) + (a + b) / 1000, 0.0)
    order = np.argsort(-weight, axis=None, kind="stable")[:most]
    pairs = [divmod(int(place), len(a)) for place in order]
    return [(row, column) for row, column in pairs if weight[row, column] > 0]
