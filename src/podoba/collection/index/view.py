"""The descriptors of a collection in one state, and the search among them: with an index where there is one, else exact."""

import logging
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from podoba.arrays import Floats, Indices, Mask
from podoba.collection.index.block_checksums import DamagedCache
from podoba.collection.index.files import IndexCache, IndexFacts, Manifest
from podoba.collection.index.hnsw import NeighbourIndex
from podoba.collection.index.nearest import Nearest
from podoba.collection.index.rows import Choice, Rows, search_exactly
from podoba.collection.storage.generations import touched_since
from podoba.collection.storage.store import Store
from podoba.ranking.exact import order_exactly

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexView:
    """Most descriptors as they were in an earlier generation, and beside them those that came or changed since.

    Attributes:
        base: of the earlier generation.
        alive: bool (n,): rows of `base` that are still valid; None: all.
        fresh: what came or changed since, in memory; no number is both alive in `base` and here.
        index: of all rows of `base`, or None.
        largest_k: neighbours for which the index is used; more are searched exactly.
    """

    base: Rows
    alive: Mask | None = None
    fresh: Rows | None = None
    index: NeighbourIndex | None = None
    largest_k: int = 100

    def __len__(self) -> int:
        return self.valid + (0 if self.fresh is None else len(self.fresh.numbers))

    @property
    def dim(self) -> int:
        """Numbers of a descriptor."""
        return int(self.base.matrix.shape[1])

    @cached_property
    def valid(self) -> int:
        """How many rows of the base are still valid."""
        return len(self.base.numbers) if self.alive is None else int(np.count_nonzero(self.alive))

    def nearest(self, queries: Floats, k: int, *, carry: bool = False, exact: bool = False) -> Nearest:
        """The k nearest of each query (Q, dim).

        Args:
            carry: give back the descriptors as well.
            exact: compare all rows, also where there is an index.

        Raises:
            DamagedCache: descriptors that are not what was written.
        """
        k = min(k, len(self))
        if self.index is not None and k <= self.largest_k and not exact:
            places = self.index.search(queries, k, self.alive)
            if all(len(some) >= min(k, self.valid) for some in places):
                return self._ordered(queries, k, places, self._search_fresh(queries, k), exact=False, carry=carry)
        places = search_exactly(queries, self.base, k, self._alive)
        return self._ordered(queries, k, places, self._search_fresh(queries, k), exact=True, carry=carry)

    def choose(self, numbers: Indices) -> tuple[Choice, Choice | None]:
        """The valid rows of `base` and of `fresh` that have these numbers (ascending), for `nearest_among`."""
        base = np.zeros(len(self.base.numbers), dtype=np.bool_)
        base[self.places(numbers)] = True
        if self.alive is not None:
            base &= self.alive
        fresh = None if self.fresh is None else Choice.of(np.isin(self.fresh.numbers, numbers))
        return Choice.of(base), fresh

    def nearest_among(self, queries: Floats, k: int, chosen: tuple[Choice, Choice | None], *, carry: bool = False) -> Nearest:
        """The k nearest of each query (Q, dim) among chosen rows; always exact; `carry` and errors as in `nearest`."""
        base, fresh = chosen
        k = min(k, base.count + (0 if fresh is None else fresh.count))
        places = search_exactly(queries, self.base, k, base)
        return self._ordered(queries, k, places, self._search_fresh(queries, k, fresh), exact=True, carry=carry)

    def take(self, numbers: Indices | None = None) -> Rows:
        """Descriptors in ascending order of their numbers: all, or those of these numbers (ascending) that are here.

        Without a copy where the base lies in that order and nothing was changed since.
        """
        if numbers is None and self.alive is None and self.fresh is None and self._order is None:
            self.base.read(0, len(self.base.matrix))
            return Rows(self.base.numbers, self.base.matrix)
        places = np.arange(len(self.base.numbers)) if numbers is None else self.places(numbers)
        if self.alive is not None:
            places = places[self.alive[places]]
        parts = [(self.base.numbers[places], self.base, places)]
        if self.fresh is not None:
            rows = np.arange(len(self.fresh.numbers)) if numbers is None else np.flatnonzero(np.isin(self.fresh.numbers, numbers))
            parts.append((self.fresh.numbers[rows], self.fresh, rows))
        together = np.concatenate([part[0] for part in parts])
        order = np.argsort(together)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        matrix = np.empty((len(together), self.base.matrix.shape[1]), dtype=np.float32)
        start = 0
        for some, rows_of, chosen in parts:
            for first in range(0, len(chosen), 4096):
                matrix[rank[start + first : start + min(first + 4096, len(chosen))]] = rows_of.take(chosen[first : first + 4096])
            start += len(some)
        return Rows(together[order], matrix)

    def sample(self, count: int) -> Floats:
        """The descriptors of so many items at equal distances, or of all where there are fewer, in no order in particular."""
        base = np.arange(len(self.base.numbers)) if self.alive is None else np.flatnonzero(self.alive)
        chosen = np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64)
        places, beyond = base[chosen[chosen < len(base)]], chosen[chosen >= len(base)] - len(base)
        taken = self.base.take(places)
        return taken if self.fresh is None else np.concatenate([taken, self.fresh.take(beyond)])

    @cached_property
    def _order(self) -> Indices | None:
        """Places of the base in ascending order of the numbers; None where they lie so."""
        numbers = self.base.numbers  # those that are no longer valid may be -1
        return None if bool((numbers[1:] > numbers[:-1]).all()) else np.argsort(numbers)

    def places(self, numbers: Indices) -> Indices:
        """Places in the base of those of these numbers that are in it, in the order of `numbers`."""
        order = self._order
        known = self.base.numbers if order is None else self.base.numbers[order]
        if not len(known):
            return np.empty(0, dtype=np.int64)
        at = np.searchsorted(known, numbers).clip(max=len(known) - 1)
        places: Indices = at[known[at] == numbers]
        return places if order is None else order[places]

    @cached_property
    def _alive(self) -> Choice | None:
        return None if self.alive is None else Choice.of(self.alive)

    def _search_fresh(self, queries: Floats, k: int, chosen: Choice | None = None) -> list[Indices] | None:
        return None if self.fresh is None else search_exactly(queries, self.fresh, k, chosen)

    def _ordered(
        self, queries: Floats, k: int, base: list[Indices], fresh: list[Indices] | None, *, exact: bool, carry: bool
    ) -> Nearest:
        numbers = np.empty((len(queries), k), dtype=np.int64)
        similarities = np.empty((len(queries), k), dtype=np.float32)
        carried = np.empty((len(queries), k, self.dim), dtype=np.float32) if carry else None
        for i, query in enumerate(queries):
            names, candidates = self.base.numbers[base[i]], self.base.take(base[i])
            if self.fresh is not None and fresh is not None:
                names = np.concatenate([names, self.fresh.numbers[fresh[i]]])
                candidates = np.concatenate([candidates, self.fresh.take(fresh[i])])
            numbers[i], similarities[i], rows = order_exactly(query, names, candidates, k)
            if carried is not None:
                carried[i] = candidates[rows]
        if not (np.abs(similarities) < 1.01).all():
            raise DamagedCache("a similarity beyond 1")
        return Nearest(numbers, similarities, exact, carried)


def open_view(store: Store, cache: IndexCache, largest_k: int) -> IndexView | None:
    """The descriptors of a collection by way of its cache; None where there is none that is whole and of this collection.

    What changed since the cache was written is read from the collection's file. To be called in a snapshot.

    Raises:
        CollectionError: the collection's file is damaged.
    """
    manifest = cache.read_manifest()
    if manifest is None or (manifest.fingerprint, manifest.dim) != (store.models.fingerprint, store.models.dim):
        return None
    try:
        with store.database.explained():
            touched = touched_since(store.database.connection, manifest.generation, manifest.token)
        if touched is None:
            return None
        mapped = cache.map_descriptors(manifest)
        base = Rows(mapped.numbers, mapped.matrix, mapped.verified)
        index = None if manifest.index is None else _open_index(cache, manifest.index, manifest)
    except (DamagedCache, OSError) as error:
        log_damage(cache, error)
        return None
    alive = base.numbers >= 0
    alive[IndexView(base).places(touched)] = False
    return IndexView(base, None if alive.all() else alive, _fresh(store, touched), index, largest_k)


def log_damage(cache: IndexCache, error: Exception) -> None:
    """Say that the cache is not used, and why."""
    log.warning("%s: the cache is damaged and not used (%s): `podoba check --repair` rebuilds it", cache.folder, error)


def _open_index(cache: IndexCache, facts: IndexFacts, manifest: Manifest) -> NeighbourIndex:
    sample = np.array(facts.sample, dtype=np.int64)
    index = NeighbourIndex.open(cache.open_index(facts), facts.kind, facts.width, facts.candidates, sample, facts.built)
    if len(index) != manifest.rows:
        raise DamagedCache("an index of another size")
    return index


def _fresh(store: Store, touched: Indices) -> Rows | None:
    parts = [*store.descriptors.parts_of(touched)]
    return Rows(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])) if parts else None
