"""What any collection is asked, whether it is a file or lies in a vector database."""

from __future__ import annotations

from collections.abc import Collection as Group
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from podoba.arrays import Floats
from podoba.collection.index.nearest import Nearest
from podoba.collection.search.marks import forget, mark
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import Part, Query, as_parts, key_of
from podoba.collection.search.results import SearchResult
from podoba.collection.search.search import search
from podoba.collection.search.thumbnails import Thumbnails
from podoba.collection.storage.items import Item
from podoba.collection.storage.marks import Mark
from podoba.collection.vectors import Searchable, Vectors
from podoba.files import shown
from podoba.models.card import Card
from podoba.models.encoder import Encoder


class VectorCollection:
    """A collection that is searched; used as a context it is closed at the end. Any number of threads may use it.

    A collection in a file is more: `Collection`.

    Attributes:
        store: what it holds.
        index: the search among its descriptors.
        cache_folder: where what is derived from it is kept.
    """

    store: Searchable
    index: Vectors

    def __init__(self, index: Vectors, cache_folder: Path) -> None:
        self.store, self.index, self.cache_folder = index.store, index, cache_folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.store.items)

    def close(self) -> None:
        """Close the file, or the connection; no thread may be using it."""
        self.store.close()

    def writing(self) -> AbstractContextManager[None]:
        """Hold the right to write, as one process at a time may to a file: what is written inside comes from nobody else.

        Raises:
            CollectionError: another process is writing, or this collection was opened for reading.
        """
        return self.store.writing()

    @property
    def name(self) -> str:
        """The file or the address."""
        return self.store.name

    @property
    def card(self) -> Card | None:
        """The card of the collection's model; None while it has none."""
        return self.store.models.card

    def info(self) -> dict[str, Any]:
        """What `podoba info --json` prints: number of items, dim, model ..."""
        models, items = self.store.models, self.store.items
        return {
            "collection": shown(self.name), "items": len(items), "attributes": items.attribute_names(), "dim": models.dim or None,
            "model": models.name, "fingerprint": models.fingerprint, "marks": len(self.marks()),
        }  # fmt: skip

    # Items.

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """Add items with their descriptors (n, dim), float32, unit length; as `Searchable.put`."""
        self.store.put(items, descriptors)

    def remove(self, ids: Sequence[str] = (), where: str | None = None) -> int:
        """Remove the items of these ids and those of a filter; the images themselves stay where they are.

        Returns:
            how many there were.
        """
        return self.store.items.remove(ids, where)

    def count(self, where: str | None = None) -> int:
        """How many items there are, all or those of a filter."""
        return self.store.items.count(where)

    def item(self, id_: str) -> Item:
        """One item. Raises `CollectionError` where there is none of this id."""
        return self.store.items.get(id_)

    @property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of the items, kept in the cache folder."""
        return Thumbnails(self.cache_folder)

    # Search.

    def search(
        self,
        query: Query | Part | Sequence[Query | Part],
        *,
        unwanted: Query | Part | Sequence[Query | Part] = (),
        encoder: Encoder | None = None,
        k: int = 10,
        where: str | None = None,
        min_probability: float | None = None,
        min_score: float | None = None,
        diversity: float = 0.0,
        rerank: str | None = None,
        feedback: str | None = None,
        with_itself: bool = False,
        exact: bool = False,
    ) -> SearchResult:
        """The k items most similar to a query.

        Queries, encoder and errors are those of `podoba.collection.search.search.search`, everything else those of
        `podoba.collection.search.options.SearchOptions`.
        """
        options = SearchOptions(k, where, min_probability, min_score, diversity, rerank, feedback, with_itself, exact)
        return search(self.index, query, unwanted, options, encoder=encoder)

    def nearest(self, descriptors: Floats, k: int, where: str | None = None) -> Nearest:
        """The k items most similar to each descriptor (Q, dim) or (dim,); as `Vectors.nearest`."""
        return self.index.nearest(descriptors, k, where)

    # Marks.

    def mark(
        self, query: Query | Part, *, right: Group[str] = (), wrong: Group[str] = (), encoder: Encoder | None = None
    ) -> None:
        """Keep that items, by their ids, are right or wrong as answers to a query; as `podoba.collection.search.marks.mark`."""
        mark(self.store, query, right, wrong, encoder)

    def marks(self) -> list[Mark]:
        """All marks, those of a query together, in the order in which they were made. Raises `CollectionError` for damage."""
        return self.store.marks.select()

    def key_of(self, query: Query | Part) -> str:
        """What the marks of a query are kept under (`Mark.query`): its content. Raises as `mark`."""
        return key_of(self.store, as_parts(query)[0])

    def forget(self, query: Query | Part | None = None, ids: Group[str] = ()) -> int:
        """Forget marks: of some items of a query, of a query, or all. Returns how many there were."""
        return forget(self.store, query, ids)
