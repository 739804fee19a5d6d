"""The search among the descriptors of a vector database: by its index, and exactly where that falls short."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.index.nearest import Nearest
from podoba.ranking.exact import find_candidates, order_exactly
from podoba.scale.vectors.dialect import Choice
from podoba.scale.vectors.items import passing
from podoba.scale.vectors.schema import DESCRIPTOR, ITEM, LOWEST, NUMBER
from podoba.scale.vectors.store import MilvusStore

LONGEST = 1.005  # length of what counts as a vector of unit length
Found = tuple[Indices, Floats, Floats]  # of one query: numbers (n,), similarities (n,), descriptors (n, dim), most similar first


class MilvusVectors:
    """As `podoba.collection.vectors.Vectors`; any number of threads may search at a time.

    Attributes:
        store: what the collection holds.
    """

    def __init__(self, store: MilvusStore) -> None:
        self.store = store
        self._settings = store.remote.settings
        self._samples: dict[int, tuple[float, Floats]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> MilvusVectors:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, and close the file on this machine."""
        self.store.close()

    def nearest(
        self, descriptors: Floats, k: int, where: str | None = None, *, carry: bool = False, exact: bool = False
    ) -> Nearest:
        """The k items most similar to each descriptor (Q, dim) or (dim,), most similar first, ties by number.

        They are found by the server's index; of few items all are compared. Where it finds fewer than k of the items of a filter
        although there are more, or more than it finds at once are wanted, all of the filter are compared. Similarities are
        computed here, as those of a collection's file.

        Raises:
            CollectionError: a wrong filter; a server that is away.
            ValueError: k below 1, or descriptors of another shape or length.
        """
        queries = np.ascontiguousarray(np.atleast_2d(descriptors), dtype=np.float32)
        dim = self.store.models.dim
        if k < 1:
            raise ValueError(f"k must be at least 1, it is {k}")
        if queries.ndim != 2 or queries.shape[1] != dim:
            raise ValueError(f"descriptors must be ({dim},) or (n, {dim}), these are {np.shape(descriptors)}")
        if not (np.einsum("ij,ij->i", queries, queries) <= LONGEST**2).all():  # NaN too
            raise ValueError("descriptors must be of unit length")
        choice = self.store.items.choice(where)
        few = exact or self.store.remote.count(choice.expression) <= self._settings.compared
        found = dict[int, Found]() if few else self._by_index(queries, k, choice)
        left = [row for row in range(len(queries)) if row not in found]
        found |= dict(zip(left, self._by_comparing(queries[left], k, choice), strict=True))
        width = min((len(one[0]) for one in found.values()), default=0)
        several = [found[row] for row in range(len(queries))]
        numbers = np.array([one[0][:width] for one in several], dtype=np.int64).reshape(len(queries), width)
        similarities = np.array([one[1][:width] for one in several], dtype=np.float32).reshape(len(queries), width)
        carried = (
            np.array([one[2][:width] for one in several], dtype=np.float32).reshape(len(queries), width, dim) if carry else None
        )
        return Nearest(numbers, similarities, len(left) == len(queries), carried)

    def sample(self, count: int) -> Floats:
        """Descriptors (n, dim) of so many items, the same ones each time, or of all where there are fewer.

        Their numbers are the lowest; since a number is a hash of the image's name, that says nothing of the image. They are
        kept for a while.
        """
        now = time.monotonic()
        with self._lock:
            kept = self._samples.get(count)
        if kept is None or now - kept[0] > self._settings.sample_seconds:
            kept = now, self.store.descriptors.following(LOWEST, count)
            with self._lock:
                self._samples[count] = kept
        return kept[1]

    def _by_index(self, queries: Floats, k: int, choice: Choice) -> dict[int, Found]:
        """What the server's index finds, by the row of the query; without those of which it finds too few."""
        found: dict[int, Found] = {}
        pending = np.arange(len(queries))
        most = self._settings.largest_k
        limit = (k if choice.rest is None else 4 * k) + self._settings.beyond
        total: int | None = None
        widened = 0
        fields = [DESCRIPTOR] if choice.rest is None else [DESCRIPTOR, *ITEM]
        while len(pending) and k <= most:
            limit, further = min(limit, most), []
            answers = self._searched(queries[pending], limit, choice, fields)
            for row, hits in zip(pending.tolist(), answers, strict=True):
                ordered = _ordered(queries[row], passing(hits, choice), len(hits))
                if len(hits) < limit:  # all that it finds
                    total = self.store.remote.count(choice.expression) if total is None else total
                    if len(ordered[0]) >= k or len(hits) >= total:
                        found[row] = _first(ordered, k)
                # Of more equal ones than it finds at once any will do: all items are not read for that.
                elif self._is_settled(ordered, k) or (limit == most and len(ordered[0]) >= k):
                    found[row] = _first(ordered, k)
                else:
                    further.append(row)
            widened += 1
            if limit == most or (choice.rest is not None and widened > self._settings.widened):
                break
            pending, limit = np.array(further, dtype=np.int64), 4 * limit
        return found

    def _searched(self, queries: Floats, limit: int, choice: Choice, fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """The server's hits for each query; so many queries at a time as an answer's size allows."""
        step = max(1, self._settings.page(queries.shape[1]) // limit)
        for start in range(0, len(queries), step):
            yield from self.store.remote.search(queries[start : start + step], limit, choice.expression, fields)

    def _is_settled(self, ordered: Found, k: int) -> bool:
        """Whether what was left out cannot be as similar as the k-th, so that equal ones are in their order."""
        similarities = ordered[1]
        return len(similarities) > k and bool(similarities[k - 1] - similarities[-1] > self._settings.rounding)

    def _by_comparing(self, queries: Floats, k: int, choice: Choice) -> Iterator[Found]:
        """The k nearest of all items of a filter, a page of them in memory at a time."""
        places = find_candidates(queries, lambda: self.store.descriptors.pages(choice), k)
        for query, numbers in zip(queries, places, strict=True):
            candidates = self.store.descriptors.of_numbers(numbers)
            ordered, similarities, rows = order_exactly(query, numbers, candidates, k)
            yield ordered, similarities, candidates[rows]


def _ordered(query: Floats, rows: Sequence[dict[str, Any]], k: int) -> Found:
    numbers = np.array([row[NUMBER] for row in rows], dtype=np.int64)
    candidates = np.array([row[DESCRIPTOR] for row in rows], dtype=np.float32).reshape(len(rows), len(query))
    ordered, similarities, places = order_exactly(query, numbers, candidates, max(k, 1))
    return ordered, similarities, candidates[places]


def _first(found: Found, k: int) -> Found:
    return found[0][:k], found[1][:k], found[2][:k]
