"""The candidates of a query with their descriptors, and the methods that put them into another order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.collection.search.settings import DEFAULT, SearchSettings
from podoba.collection.vectors import Vectors
from podoba.ranking.relevance_feedback import linear_probe
from podoba.ranking.reranking import augment_database, expand_query, fit_whitening, k_reciprocal_distances


@dataclass(frozen=True)
class Candidates:
    """Items that may be shown, in their order.

    Attributes:
        numbers: int64 (n,), `items.number`.
        similarities: float32 (n,), cosine to the query.
        descriptors: float32 (n, dim), unit length.
        exact: whether no nearer item can have been missed.
        probabilities: float64 (n,), the chance of each to be of the query's kind; None before it was computed, and where the
            model was never calibrated.
    """

    numbers: Indices
    similarities: Floats
    descriptors: Floats
    exact: bool
    probabilities: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Indices | NDArray[np.bool_]) -> Candidates:
        """Those of some rows, in that order."""
        chances = None if self.probabilities is None else self.probabilities[rows]
        return Candidates(self.numbers[rows], self.similarities[rows], self.descriptors[rows], self.exact, chances)


@dataclass(frozen=True)
class CandidatePool:
    """Where the candidates of a query come from.

    Attributes:
        direction: float32 (dim,), unit length: what they are ranked by; the query, or what was learned from marks on its results.
        size: how many there are, or fewer where the collection has fewer.
        where: only items of this filter.
        exact: whether every item is compared, also where there is an index.
    """

    index: Vectors
    direction: Floats
    size: int
    where: str | None = None
    settings: SearchSettings = DEFAULT
    exact: bool = False

    def nearest(self, direction: Floats | None = None) -> Candidates:
        """The items nearest to a direction (dim,), unit length, most similar first; None: to that of the pool."""
        nearest = self.index.nearest(
            self.direction if direction is None else direction, self.size, self.where, carry=True, exact=self.exact
        )
        assert nearest.descriptors is not None
        return Candidates(nearest.numbers[0], nearest.similarities[0], nearest.descriptors[0], nearest.exact)

    def nearest_of_another(self, direction: Floats) -> Candidates:
        """The items nearest to another direction (dim,), in that order, with their similarities to the pool's own."""
        others = self.nearest(direction)
        return replace(others, similarities=others.descriptors @ self.direction)


Reranker = Callable[[CandidatePool, Candidates], Candidates]
"""From a pool and the candidates that came from it to candidates in another order, which may be others of the pool."""


def _expand(pool: CandidatePool, candidates: Candidates) -> Candidates:
    if not len(candidates):
        return candidates
    return pool.nearest_of_another(expand_query(pool.direction, candidates.descriptors[: pool.settings.expanded]))


def _k_reciprocal(pool: CandidatePool, candidates: Candidates) -> Candidates:
    return candidates.take(np.argsort(k_reciprocal_distances(pool.direction, candidates.descriptors), kind="stable"))


def _whiten(pool: CandidatePool, candidates: Candidates) -> Candidates:
    sample = pool.index.store.descriptors.sample(pool.settings.whitening_sample)
    if len(sample) < 2:
        return candidates
    whitening = fit_whitening(sample, power=pool.settings.whitening_power)
    similarities = whitening.apply(candidates.descriptors) @ whitening.apply(pool.direction)
    return candidates.take(np.argsort(-similarities, kind="stable"))


def _augment(pool: CandidatePool, candidates: Candidates) -> Candidates:
    if not len(candidates):
        return candidates
    count = pool.settings.augmented
    nearest = pool.index.nearest(candidates.descriptors, count + 1, carry=True)
    assert nearest.descriptors is not None
    # Each without itself; of exact copies of it, which may all come before it, one too many.
    others = np.stack([np.flatnonzero(row != own)[:count] for row, own in zip(nearest.numbers, candidates.numbers, strict=True)])
    width = nearest.numbers.shape[1]
    rows = others + width * np.arange(len(others))[:, None]
    augmented = augment_database(candidates.descriptors, rows, nearest.descriptors.reshape(-1, len(pool.direction)))
    return candidates.take(np.argsort(-(augmented @ pool.direction), kind="stable"))


def _exemplar(pool: CandidatePool, candidates: Candidates) -> Candidates:
    none = np.empty((0, len(pool.direction)), dtype=np.float32)
    negatives = pool.index.store.descriptors.sample(pool.settings.negatives)
    return pool.nearest_of_another(linear_probe(pool.direction, none, none, negatives))


RERANKERS: dict[str, Reranker] = {
    "query-expansion": _expand,
    "k-reciprocal": _k_reciprocal,
    "whitening": _whiten,
    "database-augmentation": _augment,
    "exemplar": _exemplar,
}
