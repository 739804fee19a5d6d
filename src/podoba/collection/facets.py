"""How many items have which label, format or attribute: what a filter can be chosen from."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from podoba.collection.columns import Column, ColumnReader, ItemColumns, Value
from podoba.collection.storage.store import Store


@dataclass(frozen=True)
class FacetSettings:
    """How much is counted apart.

    Attributes:
        values: values of a facet, the most frequent ones.
        few: distinct numbers up to which they are values too.
        bins: of numbers, equally wide.
        kept: filters whose counts are kept, as long as the collection stays as it is.
    """

    values: int = 100
    few: int = 20
    bins: int = 20
    kept: int = 32


DEFAULT = FacetSettings()


@dataclass(frozen=True)
class Facet:
    """One property of items, counted.

    Attributes:
        name: as a filter calls it.
        kind: whether all its values are numbers.
        values: value and count, the most frequent first; of numbers only where they are few.
        missing: how many items have none.
        distinct: how many values there are.
        least, most: of numbers.
        bins: from, to (exclusive, but for the last) and count, of numbers.
    """

    name: str
    kind: Literal["values", "numbers"]
    values: list[tuple[Value, int]]
    missing: int
    distinct: int
    least: float | None = None
    most: float | None = None
    bins: list[tuple[float, float, int]] = field(default_factory=list)


class Facets:
    """The facets of a store, counted anew when it changes; threads share it."""

    def __init__(self, store: Store, reader: ColumnReader, settings: FacetSettings = DEFAULT) -> None:
        self._store, self._reader, self._settings = store, reader, settings
        self._kept: OrderedDict[tuple[tuple[int, str], str | None], list[Facet]] = OrderedDict()
        self._lock = Lock()

    def of(self, where: str | None = None) -> list[Facet]:
        """Facets of all items or those of a filter; of what none of these has there is none. Raises as `compile_filter`."""
        with self._store.snapshot():
            state, columns = self._reader.read()
            with self._lock:
                if (state, where) in self._kept:
                    self._kept.move_to_end((state, where))
                    return self._kept[state, where]
            rows = None if where is None else columns.rows(self._store.items.numbers(where))
        found = count(columns, rows, self._settings)
        with self._lock:
            self._kept[state, where] = found
            while len(self._kept) > self._settings.kept:
                self._kept.popitem(last=False)
        return found


def count(columns: ItemColumns, rows: NDArray[np.int64] | None = None, settings: FacetSettings = DEFAULT) -> list[Facet]:
    """Facets of all items, or of some rows (m,)."""
    found = (_count(name, column, rows, settings) for name, column in columns.columns.items())
    return [facet for facet in found if facet.distinct]


def _count(name: str, column: Column, rows: NDArray[np.int64] | None, settings: FacetSettings) -> Facet:
    codes = column.codes if rows is None else column.codes[rows]
    counts = np.bincount(codes + 1, minlength=len(column.values) + 1)
    missing, counts = int(counts[0]), counts[1:]
    present = np.flatnonzero(counts)
    numbers = column.numbers is not None
    shown = present if not numbers or len(present) <= settings.few else present[:0]
    order = shown[np.argsort(-counts[shown], kind="stable")][: settings.values]
    values = [(column.values[int(code)], int(counts[code])) for code in order]
    if not numbers or not len(present):
        return Facet(name, "values", values, missing, len(present))
    known = np.array([float(column.values[int(code)]) for code in present])
    least, most = float(known.min()), float(known.max())
    heights, edges = np.histogram(known, min(settings.bins, len(present)), weights=counts[present])
    bins = [(float(a), float(b), int(n)) for a, b, n in zip(edges, edges[1:], heights, strict=False)]
    return Facet(name, "numbers", values, missing, len(present), least, most, bins)
