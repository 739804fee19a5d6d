"""What searching asks of a collection, whether that is a file or lies in a vector database.

Search, re-ranking, feedback and words are written against these protocols. The classes of `podoba.collection.storage` and
`podoba.collection.index` fulfil them, and those of `podoba.scale.vectors`; one suite of tests runs over both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from podoba.arrays import Floats, Indices
from podoba.collection.index.nearest import Nearest
from podoba.collection.storage.items import Item, ItemName, Size
from podoba.collection.storage.marks import Mark, QueryRecord
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.text import TextEncoder


class Items(Protocol):
    """The items of a collection. Each has a number (int64), which is never given to another item."""

    def __len__(self) -> int:
        """How many there are."""

    def count(self, where: str | None = None) -> int:
        """How many there are, all or those of a filter. Raises `FilterError`."""

    def get(self, id_: str) -> Item:
        """One item. Raises `UnknownItem`."""

    def known(self, ids: Iterable[str]) -> dict[str, Item]:
        """Those of these ids that there are, by their ids."""

    def first(self, count: int, where: str | None = None) -> list[Item]:
        """As many items, of all or of a filter, or all where there are fewer: the same ones each time. Raises `FilterError`."""

    def number(self, id_: str) -> int:
        """The number of an item. Raises `UnknownItem`."""

    def numbers(self, where: str | None = None) -> Indices:
        """Numbers, ascending, of all items or those of a filter. Raises `FilterError`."""

    def same_as(self, id_: str, content: str) -> Indices:
        """Numbers, ascending, of the item of an id and of those whose image has exactly these bytes (sha256)."""

    def names_and_sizes_of(self, numbers: Iterable[int]) -> list[tuple[ItemName, Size]]:
        """Id, uri and label, and width and height of items, in that order. Raises `CollectionError` where one is missing."""

    def of_numbers(self, numbers: Iterable[int]) -> dict[int, Item]:
        """The items of these numbers, by number; those that are not there are left out."""

    def attribute_names(self) -> list[str]:
        """Names of the attributes that items have or had, which filters may use."""

    def remove(self, ids: Sequence[str] = (), where: str | None = None) -> int:
        """Remove items with their descriptors. Returns how many there were."""


class Descriptors(Protocol):
    """The descriptors of a collection's items: float32, unit length."""

    def get(self, id_: str) -> Floats:
        """That of one item (dim,). Raises `CollectionError` where there is none."""

    def of_numbers(self, numbers: Indices) -> Floats:
        """Those (n, dim) of the items of these numbers, in their order. Raises `CollectionError` where one is missing."""

    def sample(self, count: int, seed: int = 0, *, without: Sequence[int] = ()) -> Floats:
        """Those of `count` items drawn without replacement, or of all where there are fewer; not of some numbers."""


class Models(Protocol):
    """The model that made a collection's descriptors."""

    @property
    def name(self) -> str | None:
        """Under which it is remembered; None while there is none."""

    @property
    def fingerprint(self) -> str | None:
        """sha256 of what it computes; None while there is none."""

    @property
    def card(self) -> Card | None:
        """None while there is none."""

    @property
    def dim(self) -> int:
        """Numbers of a descriptor; 0 while there is no model."""

    def facts(self) -> dict[str, str | None]:
        """All that is remembered of it: `model` (its name), `path` (of its file), `fingerprint`, `card` (JSON)."""

    def file(self) -> Path:
        """Its file. Raises `ModelError` where that is no longer there."""

    def check(self, encoder: Encoder) -> None:
        """Raise `CollectionError` where an encoder is of another model."""

    def open_encoder(self, threads: int | None = None) -> Encoder:
        """Its encoder. Raises `CollectionError`, `ModelError`, `DeviceError`."""

    def open_text(self, encoder: Encoder | None = None) -> TextEncoder:
        """Its text tower. Raises `CollectionError`, `ModelError`, `MissingExtra`, `DownloadError`."""


class Marks(Protocol):
    """What was marked right and wrong."""

    def put(self, query: QueryRecord, verdicts: Mapping[int, bool]) -> None:
        """Keep that items, by their numbers, are right or wrong as answers to a query; a later mark replaces an earlier one."""

    def select(self) -> list[Mark]:
        """All marks, those of a query together, in the order in which they were made."""

    def queries(self) -> list[QueryRecord]:
        """The queries that results were marked of."""

    def verdicts(self, queries: Sequence[str]) -> dict[int, bool]:
        """What was marked of queries, by their keys: numbers of items that are those pictures, and whether they are right."""

    def remove(self, query: str | None = None, numbers: Indices | Sequence[int] = ()) -> int:
        """Forget marks: all of them, those of a query by its key, or only those of some items of it. Returns how many."""


class Searchable(Protocol):
    """All that a collection holds of what searching needs."""

    @property
    def name(self) -> str:
        """The file or the address, as messages name it."""

    @property
    def items(self) -> Items: ...
    @property
    def descriptors(self) -> Descriptors: ...
    @property
    def models(self) -> Models: ...
    @property
    def marks(self) -> Marks: ...

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """Add items with their descriptors (n, dim), float32, unit length; an item of the same id is replaced.

        Raises:
            CollectionError: no model was claimed.
            ValueError: descriptors of another shape, or not of unit length.
        """

    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read inside is of one state, as far as the store can promise that."""

    def writing(self) -> AbstractContextManager[None]:
        """The right to write, where one writer at a time has it."""

    def close(self) -> None:
        """Close the file, or the connection; no thread may be using it."""


class Vectors(Protocol):
    """The descriptors of a collection, as they are searched."""

    @property
    def store(self) -> Searchable:
        """What the collection holds: count, card, descriptors, adding and removing."""

    def nearest(
        self, descriptors: Floats, k: int, where: str | None = None, *, carry: bool = False, exact: bool = False
    ) -> Nearest:
        """The k items most similar to each descriptor (Q, dim) or (dim,), most similar first, ties by number.

        Where k items or more pass the filter, k are found, however far from the query they are.

        Args:
            where: only items of this filter (`compile_filter`).
            carry: give back the descriptors of what was found as well.
            exact: compare every item, also where there is an index.

        Raises:
            CollectionError: a wrong filter; a damaged file, or a server that is away.
            ValueError: k below 1, or descriptors of another shape or length.
        """

    def sample(self, count: int) -> Floats:
        """Descriptors (n, dim) of so many items, the same ones each time, or of all where there are fewer."""
