"""The model of a collection, and the one that is to take its place."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from podoba.arrays import Floats
from podoba.collection.storage.checksums import descriptor_rows
from podoba.collection.storage.database import Database
from podoba.collection.storage.items import ItemTable
from podoba.errors import CollectionError, ModelError
from podoba.files import is_address
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.hub.text_tower import knows_words, open_text_tower
from podoba.models.names import find_model
from podoba.models.text import TextEncoder

log = logging.getLogger(__name__)

FACTS = ("model", "path", "fingerprint", "card")  # of a model, in the table of facts
DEVICES = "devices"  # and names of what computed its descriptors here, with blanks between them
NEXT = "next."  # before the facts of the next model


class Model(Protocol):
    """What a collection remembers of a model; an `Encoder` is one."""

    @property
    def card(self) -> Card: ...
    @property
    def path(self) -> Path: ...
    @property
    def fingerprint(self) -> str: ...


class ModelTable:
    """The model of a collection's descriptors, and perhaps the next one with descriptors of its own.

    Attributes:
        device: on which `open_encoder` opens it, as `Encoder`.
    """

    def __init__(self, database: Database, items: ItemTable, device: str | None = None) -> None:
        self._database, self._items, self.device = database, items, device
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
        return self._database.fact(NEXT + "model")

    @property
    def devices(self) -> list[str]:
        """What computed the descriptors: names as of `Encoder.device`; empty where none was noted, as of imported ones."""
        return (self._database.fact(DEVICES) or "").split()

    def note_device(self, device: str, *, of_next: bool = False) -> None:
        """Remember that a device computed some of the descriptors, or of those of the next model."""
        key = NEXT * of_next + DEVICES
        known = (self._database.fact(key) or "").split()
        if device not in known:
            with self._database.transaction():
                self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [key, " ".join([*known, device])])

    def facts(self) -> dict[str, str | None]:
        """All that is remembered of the model: `model` (its name), `path` (of its file), `fingerprint`, `card` (JSON)."""
        return {key: self._database.fact(key) for key in FACTS}

    def file(self) -> Path:
        """The model's file, found by the name under which the model was remembered, else by its path.

        Raises:
            CollectionError: the collection has no model yet.
            ModelError: it is no longer there.
        """
        name, path = self.name, self._database.fact("path")
        if name is None or path is None:
            raise empty(self._database.path)
        try:
            return find_model(name, fetch=False)  # a file named it, not a person
        except ModelError:
            if not Path(path).is_file():
                raise
            log.info("no model is called %s any more: taken from %s", name, path)
            return Path(path)

    def open_encoder(self, threads: int | None = None) -> Encoder:
        """The encoder of the model, found as by `file`.

        Raises:
            CollectionError: the collection has no model yet, or the model of that name has changed since.
            ModelError: it is no longer there, or damaged.
            DeviceError: as `Encoder`.
        """
        encoder = Encoder(self.file(), threads, device=self.device)
        self.check(encoder)
        return encoder

    def open_text(self, encoder: Encoder | None = None) -> TextEncoder:
        """The text tower of the model; that of a published one is fetched with the first words.

        Args:
            encoder: of the model, where it is open already; the tower then computes in as many threads.

        Raises:
            CollectionError, ModelError, MissingExtra: as `open_encoder` and `open_text_tower`.
            DownloadError: it cannot be fetched.
        """
        if encoder is not None:
            self.check(encoder)
        path = self.file() if encoder is None else encoder.path
        if encoder is not None and not knows_words(path):  # an equal file elsewhere: the tower lies beside the collection's own
            with suppress(ModelError):
                path = self.file()
        threads = None if encoder is None else encoder.threads
        return open_text_tower(path, self.name or path.stem, self.fingerprint or "", threads)

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
        if self._database.fact(NEXT + "fingerprint") == encoder.fingerprint:
            return
        with self._database.transaction():
            self._database.execute("DELETE FROM next_descriptors")
            self._remember(encoder, name, NEXT)

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
            self._database.execute("DELETE FROM facts WHERE key = ?", [DEVICES])
            for key in (*FACTS, DEVICES):
                self._database.execute("INSERT OR REPLACE INTO facts SELECT ?, value FROM facts WHERE key = ?", [key, NEXT + key])
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
        facts = facts_of_model(encoder, name)
        self._database.execute("DELETE FROM facts WHERE key = ?", [prefix + DEVICES])
        for key, value in facts.items():
            self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [prefix + key, value])


def empty(name: str | Path) -> CollectionError:
    """What to say of a collection without items, by its file or address."""
    how = f"`podoba vectors load {name} FOLDER`" if is_address(name) else f"`podoba index {name} FOLDER`"
    return CollectionError(f"{name}: the collection is empty: add images with {how}")


def facts_of_model(model: Model, name: str) -> dict[str, str]:
    """What is remembered of a model, by the names of `FACTS`."""
    return {
        "model": name,
        "path": str(model.path.absolute()),
        "fingerprint": model.fingerprint,
        "card": model.card.to_json(),
    }
