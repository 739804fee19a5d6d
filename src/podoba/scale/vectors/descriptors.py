"""The descriptors of a collection in a vector database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.errors import CollectionError
from podoba.scale.vectors.dialect import Choice
from podoba.scale.vectors.items import MilvusItems
from podoba.scale.vectors.remote import RemoteCollection
from podoba.scale.vectors.schema import DESCRIPTOR, LOWEST, NUMBER


class MilvusDescriptors:
    """As `podoba.collection.vectors.Descriptors`."""

    def __init__(self, remote: RemoteCollection, items: MilvusItems, dim: Callable[[], int]) -> None:
        self._remote, self._items, self._dim = remote, items, dim

    def get(self, id_: str) -> Floats:
        """That of one item (dim,). Raises `CollectionError` where there is none."""
        descriptor: Floats = self.of_numbers(np.array([self._items.number(id_)], dtype=np.int64))[0]
        return descriptor

    def of_numbers(self, numbers: Indices) -> Floats:
        """Those (n, dim) of the items of these numbers, in their order. Raises `CollectionError` where one is missing."""
        wanted, places = np.unique(np.asarray(numbers, dtype=np.int64), return_inverse=True)
        matrix = np.empty((len(wanted), self._dim()), dtype=np.float32)
        step = self._remote.settings.page(self._dim())
        for start in range(0, len(wanted), step):
            some = wanted[start : start + step].tolist()
            rows = self._remote.of_numbers(some, [DESCRIPTOR])
            if len(rows) != len(some):
                raise CollectionError(f"{self._remote.connection.address}: items were removed meanwhile: try again")
            matrix[start : start + len(some)] = [rows[number][DESCRIPTOR] for number in some]
        found: Floats = matrix[places]
        return found

    def sample(self, count: int, seed: int = 0, *, without: Sequence[int] = ()) -> Floats:
        """Those of `count` items drawn without replacement, or of all where there are fewer; not of some numbers.

        Numbers are hashes of the images' names, so that those that follow on a random one are random ones.
        """
        start = int(np.random.default_rng(seed).integers(LOWEST, -(LOWEST + 1), endpoint=True))
        return self.following(start, count, without)

    def following(self, start: int, count: int, without: Sequence[int] = ()) -> Floats:
        """Those (n, dim) of the first items from a number on, beginning anew after the last one."""
        skipped, found = set(map(int, without)), list[Any]()
        step = min(self._remote.settings.page(self._dim()), count + len(skipped))
        for first, stop in ((start, None), (LOWEST, start)):
            for page in self._items.chosen(Choice(""), [DESCRIPTOR], step, first):
                before = [row for row in page if stop is None or int(row[NUMBER]) < stop]
                found += [row[DESCRIPTOR] for row in before if int(row[NUMBER]) not in skipped]
                if len(found) >= count or len(before) < len(page):
                    break
            if len(found) >= count or start == LOWEST:
                break
        return self._matrix(found[:count])

    def pages(self, choice: Choice) -> Iterator[tuple[Indices, Floats]]:
        """Numbers (n,) and descriptors (n, dim) of the items of a filter, in the order of the numbers; few are in memory."""
        for page in self._items.chosen(choice, [DESCRIPTOR], self._remote.settings.page(self._dim())):
            yield np.array([row[NUMBER] for row in page], dtype=np.int64), self._matrix([row[DESCRIPTOR] for row in page])

    def _matrix(self, rows: Sequence[Any]) -> Floats:
        return np.asarray(rows, dtype=np.float32).reshape(len(rows), self._dim())
