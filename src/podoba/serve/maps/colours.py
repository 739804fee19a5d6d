"""What a map is coloured by: a code for each item, and the legend that says what the codes mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podoba.collection.map.clusters import Clusters
from podoba.collection.storage.store import Store
from podoba.serve.maps.settings import MapViewSettings
from podoba.serve.problems import Problem

Codes = NDArray[np.uint16]
Kind = Literal["values", "numbers", "clusters"]
COLUMNS = ("label", "format", "width", "height", "size")
CLUSTER = "cluster"
ATTRIBUTE = "attributes."  # before the name of an attribute that is called like a column


@dataclass(frozen=True)
class Colouring:
    """Codes of the items by something that is known of them.

    Attributes:
        kind: how the codes are meant: values without an order, ranges of numbers in theirs, or clusters.
        codes: uint16 (n,), in the order of the items' numbers; 0 where it is not known.
        entries: what the codes from 1 on mean, in their order: `value`, or `from` and `to`, and `count`.
        others: values that share the last code, which has no entry; 0 where there are none.
        missing: items of which it is not known.
    """

    kind: Kind
    codes: Codes
    entries: list[dict[str, Any]]
    others: int = 0
    missing: int = 0


def read_values(store: Store, by: str) -> list[Any]:
    """A column or an attribute of all items, in the order of their numbers; None where it is not known.

    Raises:
        Problem: nothing of this name is known.
    """
    names = store.items.attribute_names()
    if by in COLUMNS:
        rows = store.database.rows(f"SELECT {by} FROM items JOIN descriptors ON item = number ORDER BY number")
    elif (name := by.removeprefix(ATTRIBUTE)) in names or by in names:
        attributes = "LEFT JOIN json_each(attributes) ON key = ?"
        statement = f"SELECT value FROM items JOIN descriptors ON item = number {attributes} ORDER BY number"
        rows = store.database.rows(statement, [name if name in names else by])
    else:
        raise Problem(404, "unknown_attribute", f"nothing is known of the items by the name {by!r}", name=by)
    return [row[0] for row in rows]


def colour_by_values(values: Sequence[Any], settings: MapViewSettings) -> Colouring:
    """Codes of values: ranges where all that are known are numbers, else one for each value, the most frequent first."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int | float) for value in known):
        return _by_ranges(np.array([np.nan if value is None else value for value in values], dtype=np.float64), settings)
    counts = sorted(Counter(map(str, known)).items(), key=lambda pair: (-pair[1], pair[0]))
    told = counts[: settings.values]
    code_of = {value: code for code, (value, _) in enumerate(told, start=1)}
    rest = len(told) + 1
    codes = np.array([0 if value is None else code_of.get(str(value), rest) for value in values], dtype=np.uint16)
    entries = [{"value": value, "count": count} for value, count in told]
    return Colouring("values", codes, entries, len(counts) - len(told), len(values) - len(known))


def colour_by_clusters(clusters: Clusters) -> Colouring:
    """Codes of clusters."""
    entries = [{"value": number, "count": int(size)} for number, size in enumerate(clusters.sizes, start=1)]
    return Colouring("clusters", (clusters.of + 1).astype(np.uint16), entries)


def _by_ranges(values: NDArray[np.float64], settings: MapViewSettings) -> Colouring:
    """Ranges between quantiles, so that every colour is seen, however the numbers lie; of few numbers each is one."""
    known = np.sort(values[~np.isnan(values)])
    starts = np.unique(known)
    if len(starts) > settings.bins:
        starts = np.unique(known[np.arange(settings.bins) * len(known) // settings.bins])
    codes = np.where(np.isnan(values), 0, np.searchsorted(starts, values, side="right")).astype(np.uint16)
    firsts = np.searchsorted(known, starts)
    lasts = [*firsts[1:], len(known)]
    entries = [
        {"from": float(known[first]), "to": float(known[last - 1]), "count": int(last - first)}
        for first, last in zip(firsts, lasts, strict=True)
    ]
    return Colouring("numbers", codes, entries, missing=len(values) - len(known))
