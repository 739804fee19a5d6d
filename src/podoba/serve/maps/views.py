"""The maps of the served collections, made once for each state of a collection."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from podoba.arrays import Indices, Mask
from podoba.collection.collection import Collection
from podoba.collection.map.clusters import Clusters, find_clusters
from podoba.collection.map.files import map_path
from podoba.collection.map.landmarks import find_landmarks
from podoba.collection.map.make import CollectionMap, kept_map, make_map
from podoba.collection.map.outline import in_words
from podoba.collection.map.points import Layout
from podoba.collection.map.settings import MapSettings
from podoba.collection.storage.generations import current_generation
from podoba.serve.maps.colours import CLUSTER, Codes, Colouring, colour_by_clusters, colour_by_values, read_values
from podoba.serve.maps.settings import SETTINGS, MapViewSettings
from podoba.serve.problems import Problem

Made = TypeVar("Made")


@dataclass(frozen=True)
class MapView:
    """A map as it is sent.

    Attributes:
        tag: is another one once the map or the collection changed.
    """

    map: CollectionMap
    tag: str
    settings: MapSettings

    @cached_property
    def landmarks(self) -> Indices:
        """As `find_landmarks`."""
        return find_landmarks(self.map.points, self.settings)

    def to_bytes(self) -> bytes:
        """Little endian: uint32 n, n x uint32 numbers, n x uint16 x, n x uint16 y, in the shuffled order."""
        points = self.map.points
        head = np.array([len(points)], dtype="<u4")
        return head.tobytes() + points.numbers.astype("<u4").tobytes() + points.places.astype("<u2").T.tobytes()

    def codes(self, numbers: Indices, codes: Codes) -> Codes:
        """Codes (n,) of the items with these numbers (ascending), in the order of the map; 0 of what is not among them."""
        if not len(numbers):
            return np.zeros(len(self.map.points), dtype=np.uint16)
        at = np.searchsorted(numbers, self.map.points.numbers).clip(max=len(numbers) - 1)
        return np.where(numbers[at] == self.map.points.numbers, codes[at], 0).astype(np.uint16)

    def mask(self, numbers: Indices) -> bytes:
        """A bit for each item, the lowest of a byte first: whether its number is one of these (ascending)."""
        chosen: Mask = np.isin(self.map.points.numbers, numbers, assume_unique=True)
        return bytes(np.packbits(chosen, bitorder="little"))


class _Kept:
    """What was made for each key in one state; what several threads ask for at the same time is made once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, tuple[Hashable, Any]] = {}
        self._locks: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, state: Hashable, make: Callable[[], Made]) -> Made:
        with self._lock:
            own = self._locks.setdefault(key, Lock())
        with own:
            found = self._made.get(key)
            if found is None or found[0] != state:
                found = (state, make())
                with self._lock:
                    self._made.pop(key, None)
                    while len(self._made) >= self._most:
                        self._made.pop(next(iter(self._made)))
                    self._made[key] = found
            made: Made = found[1]
            return made


class Maps:
    """The maps of all collections of a server, for any of its threads."""

    def __init__(self, settings: MapSettings | None = None, view_settings: MapViewSettings = SETTINGS) -> None:
        self.settings, self.view_settings = settings or MapSettings(), view_settings
        self._views, self._clusters, self._described = _Kept(8), _Kept(8), _Kept(8)
        self._colours, self._codes = _Kept(view_settings.colourings), _Kept(view_settings.colourings)

    def view(self, collection: Collection, layout: Layout) -> MapView:
        """A map in the present state of a collection.

        Raises:
            Problem: there is no UMAP map of it.
            CollectionError: a damaged file.
        """
        version = _version(collection, layout)
        state = (_generation(collection), version)
        view = self._views.get((collection.path, layout), state, lambda: self._made(collection, layout, version))
        if view is None:
            raise Problem(404, "no_map", "this map was not made yet, or not of this collection's model: start a job of kind map")
        return view

    def clusters(self, collection: Collection) -> tuple[Indices, Clusters]:
        """Numbers (n,), ascending, of the items that have a descriptor, and their clusters."""

        def make() -> tuple[Indices, Clusters]:
            vectors = collection.vectors()
            return vectors.numbers, find_clusters(vectors.matrix, self.settings)

        return self._clusters.get(collection.path, _generation(collection), make)

    def colouring(self, collection: Collection, by: str) -> tuple[Indices, Colouring]:
        """Numbers (n,), ascending, of the items that have a descriptor, and their codes. Raises `Problem` for an unknown name."""

        def make() -> tuple[Indices, Colouring]:
            if by == CLUSTER:
                numbers, clusters = self.clusters(collection)
                return numbers, colour_by_clusters(clusters)
            with collection.store.snapshot():
                values = read_values(collection.store, by)
                numbers = collection.store.descriptors.checksums()[0]
            return numbers, colour_by_values(values, self.view_settings)

        return self._colours.get((collection.path, by), _generation(collection), make)

    def codes(self, collection: Collection, view: MapView, by: str) -> Codes:
        """Codes (n,) in the order of a map. Raises `Problem` for an unknown name."""

        def make() -> Codes:
            numbers, colouring = self.colouring(collection, by)
            return view.codes(numbers, colouring.codes)

        return self._codes.get((collection.path, view.map.layout, by), view.tag, make)

    def described_clusters(self, collection: Collection) -> list[dict[str, Any]]:
        """Each cluster in words: its number from 1, its size, its most common label and the share of it, its representatives."""
        return self._described.get(collection.path, _generation(collection), lambda: self._in_words(collection))

    def _in_words(self, collection: Collection) -> list[dict[str, Any]]:
        numbers, clusters = self.clusters(collection)
        with collection.store.snapshot():
            words = in_words(collection.store, numbers, clusters, read_values(collection.store, "label"))
        return [
            cluster.to_json()
            | {
                "items": [
                    {"id": item.id, "number": number, "label": item.label}
                    for item, number in zip(cluster.items, cluster.numbers, strict=True)
                ]
            }
            for cluster in words
        ]

    def _made(self, collection: Collection, layout: Layout, version: int) -> MapView | None:
        made = make_map(collection.index, "pca", self.settings) if layout == "pca" else kept_map(collection.index, self.settings)
        return None if made is None else MapView(made, f"{layout}-{made.generation}-{made.token}-{version}", self.settings)


def _generation(collection: Collection) -> tuple[int, str]:
    with collection.store.snapshot(), collection.store.database.explained():
        return current_generation(collection.store.database.connection)


def _version(collection: Collection, layout: Layout) -> int:
    """Another number once the file of a map was written anew; 0 without one."""
    try:
        return os.stat(map_path(collection.index.cache.folder, layout)).st_mtime_ns
    except OSError:
        return 0
