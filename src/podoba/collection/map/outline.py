"""A map as one thing to be read, printed or written: its points, its clusters in words, the names of its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from podoba.arrays import Indices
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.map.clusters import Clusters, common_label, find_clusters
from podoba.collection.map.make import SETTINGS, CollectionMap
from podoba.collection.map.points import SIDE
from podoba.collection.map.settings import MapSettings
from podoba.collection.storage.items import ItemName
from podoba.collection.storage.store import Store
from podoba.files import csv_text, shown


@dataclass(frozen=True)
class Cluster:
    """A group of look-alikes in words.

    Attributes:
        number: from 1, the largest group first.
        label, share: the label most common in it, and its share of the group's items; None, 0 without labels.
        numbers, items: of those nearest to its centre, nearest first.
    """

    number: int
    size: int
    label: str | None
    share: float
    numbers: list[int]
    items: list[ItemName]

    def to_json(self) -> dict[str, Any]:
        """As it is printed."""
        ids = [item.id for item in self.items]
        return {"number": self.number, "size": self.size, "label": self.label, "share": round(self.share, 4), "items": ids}


@dataclass(frozen=True)
class Outline:
    """A map with the names of its items and its clusters.

    Attributes:
        names: of the items, in the order of the map.
        of: int64 (n,), in that order: the number of each item's cluster.
    """

    map: CollectionMap
    names: list[ItemName]
    of: Indices
    clusters: list[Cluster]

    def to_json(self) -> dict[str, Any]:
        """What `podoba map --json` prints."""
        made = self.map
        return {
            "layout": made.layout, "points": len(made.points), "fitted": made.fitted, "since": made.since,
            "missing": made.missing, "explained": made.explained, "seconds": round(made.seconds, 2),
            "clusters": [cluster.to_json() for cluster in self.clusters],
        }  # fmt: skip

    def to_csv(self) -> str:
        """A row for each item: id, uri, label, x and y from 0 to 1, number of its cluster."""
        places = (self.map.points.places / SIDE).round(6).tolist()
        rows = [
            (name.id, name.uri, name.label, x, y, cluster)
            for name, (x, y), cluster in zip(self.names, places, self.of.tolist(), strict=True)
        ]
        return csv_text(["id", "uri", "label", "x", "y", "cluster"], rows)


def outline(index: DescriptorIndex, made: CollectionMap, settings: MapSettings = SETTINGS) -> Outline:
    """Name the items of a map, and find the clusters of the collection. Raises `CollectionError` for a damaged file."""
    with index.store.snapshot():
        vectors = index.vectors()
        found = find_clusters(vectors.matrix, settings)
        names = index.store.items.names_of(vectors.numbers)
        clusters = in_words(index.store, vectors.numbers, found, [name.label for name in names])
    rows = np.searchsorted(vectors.numbers, made.points.numbers)
    return Outline(made, [names[row] for row in rows], found.of[rows] + 1, clusters)


def in_words(store: Store, numbers: Indices, found: Clusters, labels: Sequence[str | None]) -> list[Cluster]:
    """Clusters in words, by the numbers (n,) and labels of all their items, in the order of the rows."""
    known = np.array(labels, dtype=object)
    words = []
    for number, (size, rows) in enumerate(zip(found.sizes, found.representatives, strict=True), start=1):
        label, share = common_label(known[found.of == number - 1])
        typical = numbers[rows]
        words.append(Cluster(number, int(size), label, share, typical.tolist(), store.items.names_of(typical)))
    return words


def title(cluster: Cluster) -> str:
    """A cluster in a line: its number, its size and what it mostly is."""
    mostly = "" if cluster.label is None else f", {cluster.share:.0%} {shown(cluster.label)}"
    return f"{cluster.number}: {cluster.size} images{mostly}"
