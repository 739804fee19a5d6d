"""The model of a collection, and the one that is to take its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from podoba.arrays import Floats
from podoba.collection.storage.descriptor_store import DescriptorStore, sealed_rows
from podoba.errors import CollectionError
from podoba.models.card import Card


class Model(Protocol):
    """What a collection remembers of a model; an `Encoder` is one."""

    @property
    def card(self) -> Card: ...
    @property
    def path(self) -> Path: ...
    @property
    def fingerprint(self) -> str: ...


class ModelStore(DescriptorStore):
    """A collection's file as descriptors of one model, and perhaps those of the next."""

    def claim(self, encoder: Model, name: str) -> None:
        """Remember the model, or check that it is the one remembered; a collection without items takes any.

        Raises:
            CollectionError: the collection was built with another model.
        """
        known = self.fact("fingerprint")
        if known is None or not len(self):
            with self.transaction():
                self._remember(encoder, name)
        elif known != encoder.fingerprint:
            raise CollectionError(
                f"{self.path}: built with model {self.fact('model')!r} ({known}), not with {name!r} ({encoder.fingerprint}), "
                "and their descriptors cannot be compared: encode it anew (`podoba index --model`), or index into a new file"
            )

    def stage_next(self, encoder: Model, name: str) -> None:
        """Begin, or go on with, the descriptors of another model; what was begun for a third one is dropped."""
        if self.fact("next.fingerprint") == encoder.fingerprint:
            return
        with self.transaction():
            self._execute("DELETE FROM next_descriptors")
            self._remember(encoder, name, "next.")

    def without_next(self) -> list[str]:
        """Ids of the items that have no descriptor of the next model yet, in the order in which they came."""
        statement = "SELECT id FROM items WHERE number NOT IN (SELECT item FROM next_descriptors) ORDER BY number"
        return [str(row[0]) for row in self._rows(statement)]

    def put_next(self, descriptors: Sequence[tuple[str, Floats]]) -> None:
        """Keep descriptors (dim,), float32, unit length, of the next model, by the ids of their items."""
        with self.transaction():
            numbers = self._numbers_of([id_ for id_, _ in descriptors])
            rows = sealed_rows(numbers, [descriptor for _, descriptor in descriptors])
            self._execute_many("INSERT OR REPLACE INTO next_descriptors VALUES (?, ?, ?)", rows)

    def switch_to_next(self) -> None:
        """Put the next model in the place of the present one; items without a descriptor of it are forgotten."""
        with self.transaction():
            self._execute("DELETE FROM items WHERE number NOT IN (SELECT item FROM next_descriptors)")
            shape = self._rows("SELECT sql FROM sqlite_master WHERE name = 'next_descriptors'")[0][0]
            self._execute("DROP TABLE descriptors")
            self._execute("ALTER TABLE next_descriptors RENAME TO descriptors")
            self._execute(shape)
            for key in ("model", "path", "fingerprint", "card"):
                self._execute("INSERT OR REPLACE INTO facts SELECT ?, value FROM facts WHERE key = ?", [key, f"next.{key}"])
            self._execute("DELETE FROM facts WHERE key LIKE 'next.%'")
            self._execute("DELETE FROM moments")  # nothing that was derived before holds any longer
            self._execute("DELETE FROM touched")
            self._touched = True

    def give_up_next(self) -> None:
        """Drop what was begun for another model."""
        if self.fact("next.model") is not None:
            with self.transaction():
                self._execute("DELETE FROM next_descriptors")
                self._execute("DELETE FROM facts WHERE key LIKE 'next.%'")

    def _remember(self, encoder: Model, name: str, prefix: str = "") -> None:
        facts = {
            "model": name,
            "path": str(encoder.path.absolute()),
            "fingerprint": encoder.fingerprint,
            "card": encoder.card.to_json(),
        }
        for key, value in facts.items():
            self._execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [f"{prefix}{key}", value])
