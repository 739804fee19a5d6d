"""The search among the descriptors of a store: what is kept in memory between searches, and the cache beside the file."""

import threading
from dataclasses import dataclass, field

import numpy as np

from podoba.arrays import Floats
from podoba.collection.index.block_checksums import DamagedCache
from podoba.collection.index.files import IndexCache
from podoba.collection.index.nearest import Nearest
from podoba.collection.index.refresh import refresh
from podoba.collection.index.rows import Choice, Rows
from podoba.collection.index.settings import IndexSettings
from podoba.collection.index.view import IndexView, log_damage, open_view
from podoba.collection.storage.descriptors import LoadedDescriptors
from podoba.collection.storage.generations import current_generation
from podoba.collection.storage.store import Store
from podoba.progress import OnProgress

LONGEST = 1.005  # length of what counts as a vector of unit length


@dataclass(frozen=True)
class _Kept:
    """All descriptors in a state of the collection and its cache, and their rows by filter."""

    state: tuple[int, str, int]
    view: IndexView
    chosen: dict[str, tuple[Choice, Choice | None]] = field(default_factory=dict)


class DescriptorIndex:
    """Finds the items of a store whose descriptors are nearest to others; any number of threads may search at a time.

    Attributes:
        store: whose descriptors these are.
        settings: how they are searched.
        cache: the folder of what is derived from them.
    """

    def __init__(self, store: Store, settings: IndexSettings) -> None:
        self.store, self.settings = store, settings
        self.cache = IndexCache(store.path)
        self._kept: _Kept | None = None  # of the newest generation that was read
        self._lock = threading.RLock()  # of reading all descriptors, and of the rows by filter

    def vectors(self, where: str | None = None) -> LoadedDescriptors:
        """Numbers and descriptors of all items or those of a filter, in the order of the numbers.

        All of them are kept for the next call; of a large collection they lie in the mapped file of its cache, where that is
        fresh, and else in memory.

        Raises:
            CollectionError: a wrong filter, a damaged file.
        """
        with self.store.snapshot():
            kept = self._current(load=where is None)
            if kept is None:
                return self.store.descriptors.load(where)
            numbers = None if where is None else self.store.items.numbers(where)
            try:
                rows = kept.view.take(numbers)
            except DamagedCache as error:
                rows = self._without_cache(error).view.take(numbers)
            return LoadedDescriptors(rows.numbers, rows.matrix)

    def nearest(
        self, descriptors: Floats, k: int, where: str | None = None, *, carry: bool = False, exact: bool = False
    ) -> Nearest:
        """The k items most similar to each descriptor, most similar first, ties by number.

        Exact in a small collection and under every filter; in a large one by its index, whose recall@10 `info` tells. What came
        since the index was built is compared beside it.

        Args:
            descriptors: float32 (Q, dim) or (dim,), unit length.
            where: only items of this filter (`compile_filter`), which is evaluated before the search.
            carry: give back the descriptors of what was found as well, which the search has at hand.
            exact: compare every item, also where there is an index.

        Returns:
            numbers int64 (Q, k), similarities float32 (Q, k), exact, and descriptors float32 (Q, k, dim) if carried; fewer
            columns where fewer items were to be found.

        Raises:
            CollectionError: a wrong filter, a damaged file.
            ValueError: k below 1, or descriptors of another shape or length.
        """
        queries = np.ascontiguousarray(np.atleast_2d(descriptors), dtype=np.float32)
        if k < 1:
            raise ValueError(f"k must be at least 1, it is {k}")
        if queries.ndim == 2 and not (np.einsum("ij,ij->i", queries, queries) <= LONGEST**2).all():  # NaN too
            raise ValueError("descriptors must be of unit length")
        if where is None and not self.store.database.changed:
            answer = self._of_kept(queries, k, carry=carry, exact=exact)
            if answer is not None:
                return answer
        with self.store.snapshot():
            dim = self.store.models.dim
            if queries.ndim != 2 or queries.shape[1] != dim:
                raise ValueError(f"descriptors must be ({dim},) or (n, {dim}), these are {np.shape(descriptors)}")
            kept = self._current(load=where is None)
            if kept is None:
                vectors = self.store.descriptors.load(where)
                return IndexView(Rows(vectors.numbers, vectors.matrix)).nearest(queries, k, carry=carry)
            try:
                return self._search(kept, queries, k, where, carry=carry, exact=exact)
            except DamagedCache as error:
                return self._search(self._without_cache(error), queries, k, where, carry=carry, exact=exact)

    def sample(self, count: int) -> Floats:
        """Descriptors (n, dim) of so many items at equal distances, or of all where there are fewer; errors as `vectors`."""
        with self.store.snapshot():
            kept = self._current(load=True)
            assert kept is not None
            try:
                return kept.view.sample(count)
            except DamagedCache as error:
                return self._without_cache(error).view.sample(count)

    def view(self) -> IndexView:
        """All descriptors as they are now, kept for further searches; `nearest` searches in it."""
        with self.store.snapshot():
            kept = self._current(load=True)
        assert kept is not None
        return kept.view

    def refresh(self, *, target: float | None = None, force: bool = False, on_progress: OnProgress | None = None) -> str | None:
        """Derive from a large collection what makes its search fast, where that pays; without it the answers are exact.

        Args:
            target: recall@10 that the index must have; None: that of the settings.
            force: rebuild everything, whatever is there.
            on_progress: called with what is being done, how much of it, and of how much.

        Returns:
            why searching stays exact although the collection is large, or None.

        Raises:
            CollectionError: another process is writing, or the file is damaged.
        """
        target = self.settings.target if target is None else target
        with self.store.writing(), self.store.database.explained():
            return refresh(self.store, self.cache, self.settings, target, force, on_progress)

    def _of_kept(self, queries: Floats, k: int, *, carry: bool, exact: bool) -> Nearest | None:
        """The answer of what is kept, for which only the state of the file is read; None where it is of another state."""
        kept = self._kept
        if kept is None or kept.state != self._state() or queries.shape[-1] != kept.view.dim:
            return None
        try:
            return kept.view.nearest(queries, k, carry=carry, exact=exact)
        except DamagedCache:
            return None

    def _search(self, kept: _Kept, queries: Floats, k: int, where: str | None, *, carry: bool, exact: bool) -> Nearest:
        if where is None:
            return kept.view.nearest(queries, k, carry=carry, exact=exact)
        with self._lock:
            chosen = kept.chosen.get(where)
        if chosen is None:
            chosen = kept.view.choose(self.store.items.numbers(where))
            with self._lock:
                while len(kept.chosen) >= self.settings.filters:
                    kept.chosen.pop(next(iter(kept.chosen)))
                kept.chosen[where] = chosen
        return kept.view.nearest_among(queries, k, chosen, carry=carry)

    def _current(self, *, load: bool) -> _Kept | None:
        """All descriptors of this state: kept, or from the cache, or else, where `load` says so, read into memory."""
        if self.store.database.changed:  # inside a transaction that may yet come to nothing
            return _Kept(self._state(), self._in_memory()) if load else None
        state = self._state()
        with self._lock:  # so that one thread reads them and the others wait
            if self._kept is not None and self._kept.state == state:
                return self._kept
            view = open_view(self.store, self.cache, self.settings.largest_k)
            if view is None and load:
                view = self._in_memory()
            return None if view is None else self._keep(_Kept(state, view))

    def _without_cache(self, error: DamagedCache) -> _Kept:
        """All descriptors as the file itself has them, for as long as it stays as it is."""
        log_damage(self.cache, error)
        with self._lock:
            return self._keep(_Kept(self._state(), self._in_memory()))

    def _keep(self, new: _Kept) -> _Kept:
        """For the next search, unless another thread has read a newer generation."""
        if self._kept is None or new.state[0] >= self._kept.state[0]:
            self._kept = new
        return new

    def _in_memory(self) -> IndexView:
        vectors = self.store.descriptors.load()
        return IndexView(Rows(vectors.numbers, vectors.matrix))

    def _state(self) -> tuple[int, str, int]:
        """What changes with the descriptors, and with the cache of them."""
        with self.store.database.explained():
            return *current_generation(self.store.database.connection), self.cache.version()
