"""Points of a map as they are kept and sent: two numbers of 16 bits each, in a shuffled order that stays as items come and go."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices, Mask

Layout = Literal["pca", "umap"]
LAYOUTS: tuple[Layout, ...] = ("pca", "umap")
Places = NDArray[np.uint16]
SIDE = 65535  # the largest coordinate


@dataclass(frozen=True)
class MapPoints:
    """Items and where they lie.

    Attributes:
        numbers: int64 (n,), `items.number`, in the order of `shuffled`: any first part of it is a fair sample.
        places: uint16 (n, 2), from 0 to `SIDE`; both axes have one scale.
    """

    numbers: Indices
    places: Places

    def __len__(self) -> int:
        return len(self.numbers)

    def only(self, kept: Mask) -> "MapPoints":
        """Those at which a mask (n,) is true."""
        return MapPoints(self.numbers[kept], self.places[kept])

    def and_also(self, others: "MapPoints", seed: int) -> "MapPoints":
        """These and others, which are of no number of these, in the order of the seed."""
        numbers = np.concatenate([self.numbers, others.numbers])
        order = shuffled(numbers, seed)
        return MapPoints(numbers[order], np.concatenate([self.places, others.places])[order])


def shuffled(numbers: Indices, seed: int) -> Indices:
    """The order (n,) of items by a hash of their numbers: one more item moves no other from its place among the others."""
    mixed = (numbers.astype(np.uint64) + np.uint64(seed + 1)) * np.uint64(0x9E3779B97F4A7C15)  # splitmix64 (Steele et al. 2014)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(mixed ^ (mixed >> np.uint64(31)))


def quantised(points: Floats) -> Places:
    """Places, uint16 (n, 2), of points (n, 2): the longer side of what they take up fills the map, the other is centred."""
    if not len(points):
        return np.empty((0, 2), dtype=np.uint16)
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    extent = float((high - low).max()) or 1.0
    places: Places = np.rint((points - (low + high) / 2) * (SIDE / extent) + SIDE / 2).clip(0, SIDE).astype(np.uint16)
    return places


def evenly(count: int, most: int) -> Indices:
    """Rows, int64, ascending, at equal distances among `count` rows: at most so many."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def in_order(numbers: Indices, points: Floats, seed: int) -> MapPoints:
    """The map of items (n,) at points (n, 2)."""
    order = shuffled(numbers, seed)
    return MapPoints(numbers[order], quantised(points)[order])
