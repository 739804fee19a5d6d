"""All that a collection's file holds: items, descriptors, models, marks, in one place to be handed down."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from podoba.arrays import Floats
from podoba.collection.storage.database import Database
from podoba.collection.storage.decisions import DecisionTable, NotDuplicates
from podoba.collection.storage.descriptors import DescriptorTable
from podoba.collection.storage.items import Item, ItemTable
from podoba.collection.storage.marks import MarkTable
from podoba.collection.storage.models import ModelTable
from podoba.collection.storage.skipped import SkippedTable
from podoba.errors import CollectionError


class Store:
    """A collection's file: a database, and what is stored in it.

    Attributes:
        database: transactions, and statements of SQL.
        items, models, descriptors, marks, decisions, not_duplicates, skipped: the tables, each with its own methods.
    """

    def __init__(self, database: Database, device: str | None = None) -> None:
        self.database = database
        self.items = ItemTable(database)
        self.models = ModelTable(database, self.items, device)
        self.descriptors = DescriptorTable(database, self.items, self.models)
        self.marks = MarkTable(database)
        self.decisions = DecisionTable(database)
        self.not_duplicates = NotDuplicates(database, self.decisions)
        self.skipped = SkippedTable(database)

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_only: bool = False, device: str | None = None) -> Store:
        """Open a collection's file; `device` as of `ModelTable`.

        Raises:
            CollectionError: missing (unless `create`), damaged, foreign or newer file.
        """
        return cls(Database(path, create=create, read_only=read_only), device)

    @property
    def path(self) -> Path:
        """The file."""
        return self.database.path

    @property
    def name(self) -> str:
        """The file, as messages name it."""
        return str(self.path)

    def close(self) -> None:
        """Close the file; no thread may be using it."""
        self.database.close()

    def writing(self) -> AbstractContextManager[None]:
        """As `Database.writing`: the right to write."""
        return self.database.writing()

    def transaction(self) -> AbstractContextManager[None]:
        """As `Database.transaction`: all that is written inside stands at the end, or nothing of it."""
        return self.database.transaction()

    def snapshot(self) -> AbstractContextManager[None]:
        """As `Database.snapshot`: all that is read inside is of one state of the file."""
        return self.database.snapshot()

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """Add items with their descriptors (n, dim), float32, unit length; an item of the same id is replaced.

        Raises:
            CollectionError: no model was claimed.
            ValueError: descriptors of another shape, or not of unit length.
        """
        card = self.models.card
        if card is None:
            raise CollectionError(f"{self.path}: it does not know its model yet: claim one before items are put")
        if descriptors.shape != (len(items), card.dim):
            raise ValueError(f"descriptors must be ({len(items)}, {card.dim}), these are {descriptors.shape}")
        if not np.allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-3):
            raise ValueError("descriptors must be of unit length")
        with self.transaction():
            self.items.put(items)
            self.descriptors.put([item.id for item in items], descriptors)
