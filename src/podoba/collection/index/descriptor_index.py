"""The search among the descriptors of a store: what it keeps in memory between searches, and the cache beside the file."""

from __future__ import annotations

import numpy as np

from podoba.arrays import Floats
from podoba.collection.index.exact import Choice, Nearest, Rows
from podoba.collection.index.files import IndexCache
from podoba.collection.index.refresh import refresh
from podoba.collection.index.view import IndexView, open_view
from podoba.collection.storage.descriptors import Vectors
from podoba.collection.storage.generations import current_moment
from podoba.collection.storage.store import Store
from podoba.progress import OnProgress

FILTERS_HELD = 16
TARGET = 0.99  # recall@10 of an index


class DescriptorIndex:
    """Finds the items of a store whose descriptors are nearest to others.

    Attributes:
        store: whose descriptors these are.
        cache: the folder of what is derived from them.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.cache = IndexCache(store.path)
        self._held: tuple[tuple[int, str, int], IndexView] | None = None  # all descriptors, as they were in a state
        self._chosen: dict[str, tuple[Choice, Choice | None]] = {}  # its rows by filter

    def vectors(self, where: str | None = None) -> Vectors:
        """Numbers and descriptors of all items or those of a filter, in the order of the numbers.

        All of them are held for the next call; of a large collection they lie in the mapped file of its cache, where that is
        fresh, and else in memory.

        Raises:
            CollectionError: a wrong filter, a damaged file.
        """
        with self.store.snapshot():
            view = self._view(load=where is None)
            if view is None:
                return self.store.descriptors.load(where)
            numbers = None if where is None else self.store.items.numbers(where)
            try:
                rows = view.take(numbers)
            except ValueError:
                rows = self._without_cache().take(numbers)
            return Vectors(rows.numbers, rows.matrix)

    def nearest(self, descriptors: Floats, k: int, where: str | None = None, *, carry: bool = False) -> Nearest:
        """The k items most similar to each descriptor, most similar first, ties by number.

        Exact in a small collection and under every filter; in a large one by its index, whose recall@10 `info` tells. What came
        since the index was built is compared beside it.

        Args:
            descriptors: float32 (Q, dim) or (dim,), unit length.
            where: only items of this filter (`compile_filter`), which is evaluated before the search.
            carry: give back the descriptors of what was found as well, which the search has at hand.

        Returns:
            numbers int64 (Q, k), similarities float32 (Q, k), exact, and descriptors float32 (Q, k, dim) if carried; fewer
            columns where fewer items were to be found.

        Raises:
            CollectionError: a wrong filter, a damaged file.
            ValueError: k below 1, or descriptors of another shape.
        """
        queries = np.ascontiguousarray(np.atleast_2d(descriptors), dtype=np.float32)
        if k < 1:
            raise ValueError(f"k must be at least 1, it is {k}")
        quick = self._of_held(queries, k, carry=carry) if where is None else None
        if quick is not None:
            return quick
        with self.store.snapshot():
            dim = self.store.models.dim
            if queries.ndim != 2 or queries.shape[1] != dim:
                raise ValueError(f"descriptors must be ({dim},) or (n, {dim}), these are {np.shape(descriptors)}")
            view = self._view(load=where is None)
            if view is None:
                vectors = self.store.descriptors.load(where)
                return IndexView(Rows(vectors.numbers, vectors.matrix)).nearest(queries, k, carry=carry)
            try:
                return self._search(view, queries, k, where, carry=carry)
            except ValueError:  # the cache is damaged; the file itself is not
                return self._search(self._without_cache(), queries, k, where, carry=carry)

    def view(self) -> IndexView:
        """All descriptors as they are now, held for further searches; `nearest` searches in it."""
        with self.store.snapshot():
            view = self._view(load=True)
        assert view is not None
        return view

    def refresh(self, *, target: float = TARGET, force: bool = False, on_progress: OnProgress | None = None) -> str | None:
        """Derive from a large collection what makes its search fast, where that pays; without it the answers are exact.

        Args:
            target: recall@10 that the index must have.
            force: build everything anew, whatever is there.
            on_progress: called with what is being done, how much of it, and of how much.

        Returns:
            why searching stays exact although the collection is large, or None.

        Raises:
            CollectionError: another process is writing, or the file is damaged.
        """
        with self.store.writing(), self.store.database.explained():
            return refresh(self.store, self.cache, target, force, on_progress)

    def _of_held(self, queries: Floats, k: int, *, carry: bool) -> Nearest | None:
        """The answer of the descriptors that are held, which needs only the state of the file; None where there is none."""
        if self._held is None or self.store.database.changed:
            return None
        state, view = self._held
        if state != self._state() or view.dim != queries.shape[-1]:
            return None
        try:
            return view.nearest(queries, k, carry=carry)
        except ValueError:  # damaged
            return None

    def _search(self, view: IndexView, queries: Floats, k: int, where: str | None, *, carry: bool) -> Nearest:
        if where is None:
            return view.nearest(queries, k, carry=carry)
        chosen = self._chosen.get(where)
        if chosen is None:
            chosen = view.choose(self.store.items.numbers(where))
            while len(self._chosen) >= FILTERS_HELD:
                self._chosen.pop(next(iter(self._chosen)))
            self._chosen[where] = chosen
        return view.nearest_among(queries, k, chosen, carry=carry)

    def _view(self, *, load: bool) -> IndexView | None:
        """All descriptors of this state: held, or from the cache, or else, where `load` says so, read into memory."""
        state = self._state()
        if self.store.database.changed:  # inside a transaction that may yet come to nothing
            return None if not load else self._in_memory()
        if self._held is not None and self._held[0] == state:
            return self._held[1]
        self._held, self._chosen = None, {}
        view = open_view(self.store, self.cache)
        if view is None and load:
            view = self._in_memory()
        if view is not None:
            self._held = state, view
        return view

    def _in_memory(self) -> IndexView:
        vectors = self.store.descriptors.load()
        return IndexView(Rows(vectors.numbers, vectors.matrix))

    def _without_cache(self) -> IndexView:
        """All descriptors as the file itself has them, for as long as it stays as it is."""
        view = self._in_memory()
        self._held, self._chosen = (self._state(), view), {}
        return view

    def _state(self) -> tuple[int, str, int]:
        """What changes with the descriptors, and with the cache of them."""
        with self.store.database.explained():
            return *current_moment(self.store.database.connection), self.cache.version()
