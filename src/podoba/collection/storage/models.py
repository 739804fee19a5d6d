"""The model of a collection, and the one that is to take its place."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from podoba.arrays import Floats
from podoba.collection.storage.checksums import descriptor_rows
from podoba.collection.storage.database import Database
from podoba.collection.storage.items import ItemTable
from podoba.errors import CollectionError, ModelError
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.names import open_model

log = logging.getLogger(__name__)

FACTS = ("model", "path", "fingerprint", "card")  # of a model, in the table of facts


class Model(Protocol):
    """What a collection remembers of a model; an `Encoder` is one."""

    @property
    def card(self) -> Card: ...
    @property
    def path(self) -> Path: ...
    @property
    def fingerprint(self) -> str: ...


class ModelTable:
    """The model of a collection's descriptors, and perhaps the next one with descriptors of its own."""

    def __init__(self, database: Database, items: ItemTable) -> None:
        self._database, self._items = database, items
        self._card: tuple[str, Card] | None = None  # as text, and parsed

    @property
    def name(self) -> str | None:
        """The name under which the model is remembered; None while the collection has none."""
        return self._database.fact("model")

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint of the model; None while the collection has none."""
        return self._database.fact("fingerprint")

    @property
    def card(self) -> Card | None:
        """The card of the model; None while the collection has none."""
        text = self._database.fact("card")
        if text is None:
            return None
        if self._card is None or self._card[0] != text:
            self._card = text, Card.from_json(text)
        return self._card[1]

    @property
    def dim(self) -> int:
        """Numbers of a descriptor; 0 while the collection has no model."""
        card = self.card
        return 0 if card is None else card.dim

    @property
    def next_name(self) -> str | None:
        """The name of the model that is to take the place of the present one, or None."""
        return self._database.fact("next.model")

    def facts(self) -> dict[str, str | None]:
        """All that is remembered of the model: `model` (its name), `path` (of its file), `fingerprint`, `card` (JSON)."""
        return {key: self._database.fact(key) for key in FACTS}

    def open_encoder(self, threads: int | None = None) -> Encoder:
        """The encoder of the model, found by the name under which it was remembered, else by its path.

        Raises:
            CollectionError: the collection has no model yet, or the model of that name has changed since.
            ModelError: it is no longer there.
        """
        name, path = self.name, self._database.fact("path")
        if name is None or path is None:
            raise empty(self._database.path)
        try:
            encoder = open_model(name, threads, fetch=False)  # a file named it, not a person
        except ModelError:
            if not Path(path).is_file():
                raise
            log.info("no model is called %s any more: taken from %s", name, path)
            encoder = Encoder(Path(path), threads)
        self.check(encoder)
        return encoder

    def check(self, encoder: Encoder) -> None:
        """Raise `CollectionError` where an encoder is not of the model that made the collection's descriptors."""
        if encoder.fingerprint != self.fingerprint:
            raise CollectionError(
                f"{self._database.path}: built with model {self.name!r} ({self.fingerprint}), and "
                f"{encoder.path} is another or has changed since ({encoder.fingerprint}): index into a new file"
            )

    def claim(self, encoder: Model, name: str) -> None:
        """Remember the model, or check that it is the one remembered; a collection without items takes any.

        Raises:
            CollectionError: the collection was built with another model.
        """
        known = self.fingerprint
        if known is None or not len(self._items):
            with self._database.transaction():
                self._remember(encoder, name)
        elif known != encoder.fingerprint:
            raise CollectionError(
                f"{self._database.path}: built with model {self.name!r} ({known}), not with {name!r} ({encoder.fingerprint}), "
                "and their descriptors cannot be compared: encode it anew (`podoba index --model`), or index into a new file"
            )

    def stage_next(self, encoder: Model, name: str) -> None:
        """Begin, or go on with, the descriptors of another model; what was begun for a third one is dropped."""
        if self._database.fact("next.fingerprint") == encoder.fingerprint:
            return
        with self._database.transaction():
            self._database.execute("DELETE FROM next_descriptors")
            self._remember(encoder, name, "next.")

    def without_next(self) -> list[str]:
        """Ids of the items that have no descriptor of the next model yet, in the order in which they came."""
        statement = "SELECT id FROM items WHERE number NOT IN (SELECT item FROM next_descriptors) ORDER BY number"
        return [str(row[0]) for row in self._database.rows(statement)]

    def put_next(self, descriptors: Sequence[tuple[str, Floats]]) -> None:
        """Keep descriptors (dim,), float32, unit length, of the next model, by the ids of their items."""
        with self._database.transaction():
            numbers = self._items.numbers_of([id_ for id_, _ in descriptors])
            rows = descriptor_rows(numbers, [descriptor for _, descriptor in descriptors])
            self._database.execute_many("INSERT OR REPLACE INTO next_descriptors VALUES (?, ?, ?)", rows)

    def switch_to_next(self) -> None:
        """Put the next model in the place of the present one; items without a descriptor of it are forgotten."""
        with self._database.transaction():
            self._database.execute("DELETE FROM items WHERE number NOT IN (SELECT item FROM next_descriptors)")
            shape = self._database.rows("SELECT sql FROM sqlite_master WHERE name = 'next_descriptors'")[0][0]
            self._database.execute("DROP TABLE descriptors")
            self._database.execute("ALTER TABLE next_descriptors RENAME TO descriptors")
            self._database.execute(shape)
            for key in FACTS:
                self._database.execute(
                    "INSERT OR REPLACE INTO facts SELECT ?, value FROM facts WHERE key = ?", [key, f"next.{key}"]
                )
            self._database.execute("DELETE FROM facts WHERE key LIKE 'next.%'")
            self._database.execute("DELETE FROM generations")  # nothing that was derived before is valid any longer
            self._database.execute("DELETE FROM touched")
            self._database.note_change()

    def give_up_next(self) -> None:
        """Drop what was begun for another model."""
        if self.next_name is not None:
            with self._database.transaction():
                self._database.execute("DELETE FROM next_descriptors")
                self._database.execute("DELETE FROM facts WHERE key LIKE 'next.%'")

    def _remember(self, encoder: Model, name: str, prefix: str = "") -> None:
        facts = {
            "model": name,
            "path": str(encoder.path.absolute()),
            "fingerprint": encoder.fingerprint,
            "card": encoder.card.to_json(),
        }
        for key, value in facts.items():
            self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [f"{prefix}{key}", value])


def empty(path: Path) -> CollectionError:
    """What to say of a collection without items."""
    return CollectionError(f"{path}: the collection is empty: add images with `podoba index {path} FOLDER`")
