"""The nearest of a query with their descriptors, and the ways in which they are put into another order."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.errors import CollectionError
from podoba.ranking.diversity import diversify
from podoba.ranking.relevance_feedback import linear_probe
from podoba.ranking.reranking import augment_database, expand_query, fit_whitening, k_reciprocal_distances

EXPANDED = 3  # neighbours by which a query is expanded; more drown it where a kind has few images
AUGMENTED = 10  # neighbours by which an item is
POWER = 0.5  # of whitening; full whitening is worse than none on every set that was measured
SAMPLE = 5000  # items on which whitening is fitted
UNLIKE = 300  # items that an exemplar is told from
SAME = 0.97  # similarity of what may be copies of one picture
MOST = 4096  # candidates among which diverse ones are looked for


@dataclass(frozen=True)
class Candidates:
    """Items that may be shown, in their order.

    Attributes:
        numbers: int64 (n,), `items.number`.
        similarities: float32 (n,), cosine to the query.
        descriptors: float32 (n, dim), unit length.
        exact: whether no nearer item can have been missed.
    """

    numbers: Indices
    similarities: Floats
    descriptors: Floats
    exact: bool

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Indices | NDArray[np.bool_]) -> Candidates:
        """Those of some rows, in that order."""
        return Candidates(self.numbers[rows], self.similarities[rows], self.descriptors[rows], self.exact)

    def without(self, numbers: Indices) -> Candidates:
        """Those of other numbers."""
        return self.take(~np.isin(self.numbers, numbers)) if len(numbers) else self


Reranker = Callable[["DescriptorIndex", Floats, Candidates, int, str | None], Candidates]
"""From collection, query, candidates, how many may be fetched anew, and the filter to the candidates in another order."""


def nearest_candidates(index: DescriptorIndex, query: Floats, count: int, where: str | None) -> Candidates:
    """The nearest `count` items of a descriptor (dim,), most similar first."""
    found = index.nearest(query, count, where)
    numbers = found.numbers[0]
    return Candidates(numbers, found.similarities[0], index.store.descriptors.of_numbers(numbers), found.exact)


def find_reranker(name: str) -> Reranker:
    """The way of re-ranking of this name. Raises `CollectionError`, which names the nearest one."""
    if name not in RERANKERS:
        near = difflib.get_close_matches(name, RERANKERS, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(RERANKERS)}"
        raise CollectionError(f"unknown way of re-ranking {name!r}: {hint}")
    return RERANKERS[name]


def pick_diverse(candidates: Candidates, k: int, diversity: float) -> Candidates:
    """k candidates that are unlike each other, by maximal marginal relevance; what is relevant is told by their order."""
    relevance = np.sort(candidates.similarities)[::-1]
    return candidates.take(diversify(relevance, candidates.descriptors, k, diversity))


def has_copies(candidates: Candidates) -> bool:
    """Whether some may be copies of one picture."""
    return bool((np.triu(candidates.descriptors @ candidates.descriptors.T, 1) > SAME).any())


def _expand(index: DescriptorIndex, query: Floats, candidates: Candidates, count: int, where: str | None) -> Candidates:
    if not len(candidates):
        return candidates
    expanded = expand_query(query, candidates.descriptors[:EXPANDED])
    found = nearest_candidates(index, expanded, count, where)
    return Candidates(found.numbers, found.descriptors @ query, found.descriptors, found.exact)


def _k_reciprocal(index: DescriptorIndex, query: Floats, candidates: Candidates, count: int, where: str | None) -> Candidates:
    return candidates.take(np.argsort(k_reciprocal_distances(query, candidates.descriptors), kind="stable"))


def _whiten(index: DescriptorIndex, query: Floats, candidates: Candidates, count: int, where: str | None) -> Candidates:
    sample = index.store.descriptors.sample(SAMPLE)
    if len(sample) < 2:
        return candidates
    whitening = fit_whitening(sample, power=POWER)
    return candidates.take(np.argsort(-(whitening.apply(candidates.descriptors) @ whitening.apply(query)), kind="stable"))


def _augment(index: DescriptorIndex, query: Floats, candidates: Candidates, count: int, where: str | None) -> Candidates:
    if not len(candidates):
        return candidates
    found = index.nearest(candidates.descriptors, AUGMENTED + 1).numbers
    others = np.stack([row[row != own][:AUGMENTED] for row, own in zip(found, candidates.numbers, strict=True)])
    known, places = np.unique(others, return_inverse=True)
    augmented = augment_database(candidates.descriptors, places.reshape(others.shape), index.store.descriptors.of_numbers(known))
    return candidates.take(np.argsort(-(augmented @ query), kind="stable"))


def _exemplar(index: DescriptorIndex, query: Floats, candidates: Candidates, count: int, where: str | None) -> Candidates:
    none = np.empty((0, len(query)), dtype=np.float32)
    direction = linear_probe(query, none, none, index.store.descriptors.sample(UNLIKE))
    found = nearest_candidates(index, direction, count, where)
    return Candidates(found.numbers, found.descriptors @ query, found.descriptors, found.exact)


RERANKERS: dict[str, Reranker] = {
    "query-expansion": _expand,
    "k-reciprocal": _k_reciprocal,
    "whitening": _whiten,
    "database-augmentation": _augment,
    "exemplar": _exemplar,
}
