"""What is kept on this machine of a collection in a vector database: its model, and marks of what was right and wrong.

It is a collection's file of its own, with the marked items in it, below the user's folder of data.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from platformdirs import user_data_path

from podoba.arrays import Indices
from podoba.collection.storage.items import BY_ID, Item
from podoba.collection.storage.marks import Mark, QueryRecord
from podoba.collection.storage.models import ModelTable
from podoba.collection.storage.store import Store
from podoba.collection.transfer.importer import ForeignModel
from podoba.errors import CollectionError
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.scale.vectors.address import Address
from podoba.scale.vectors.descriptors import MilvusDescriptors
from podoba.scale.vectors.items import MilvusItems
from podoba.scale.vectors.schema import number_of

FOLDER = "PODOBA_DATA"  # variable: where it is kept


def data_folder() -> Path:
    """`PODOBA_DATA` where set, else the system's place for data of the user. It may not exist yet."""
    chosen = os.environ.get(FOLDER)
    return Path(chosen).expanduser() if chosen else user_data_path("podoba", appauthor=False)


def sidecar_path(address: Address, ending: str = ".podoba") -> Path:
    """The file of what is kept here of an address."""
    key = hashlib.sha256(str(address).encode()).hexdigest()[:12]
    return data_folder() / "vectors" / f"{address.collection}-{key}{ending}"


def open_sidecar(address: Address, facts: Mapping[str, str], device: str | None = None) -> Store:
    """The file of what is kept here, which remembers the model of the server's collection; marks outlive a change of it.

    Raises:
        CollectionError: it cannot be written, or what the server says of the model is damaged.
    """
    path = sidecar_path(address)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CollectionError(f"{path.parent}: cannot be made ({error.strerror}): name another folder in {FOLDER}") from error
    store = Store.open(path, create=True, device=device)
    model = ForeignModel(Card.from_json(facts["card"]), facts["fingerprint"], Path(facts["path"]))
    known = store.models.facts()
    if known["fingerprint"] not in (None, model.fingerprint):
        store.models.stage_next(model, facts["model"])
        store.models.switch_to_next()
    elif known["card"] != facts["card"] or known["model"] != facts["model"]:
        store.models.claim(model, facts["model"])
    return store


class MilvusModels(ModelTable):
    """As `podoba.collection.vectors.Models`; messages name the address."""

    def __init__(self, address: Address, sidecar: Store) -> None:
        super().__init__(sidecar.database, sidecar.items, sidecar.models.device)
        self._address = address

    def check(self, encoder: Encoder) -> None:
        """Raise `CollectionError` where an encoder is of another model."""
        if encoder.fingerprint != self.fingerprint:
            raise CollectionError(
                f"{self._address}: its descriptors are of model {self.name!r} ({self.fingerprint}), and "
                f"{encoder.path} is another or has changed since ({encoder.fingerprint}): name that one, or load anew"
            )


class MilvusMarks:
    """As `podoba.collection.vectors.Marks`, kept in the file on this machine by the content of the images."""

    def __init__(self, sidecar: Store, items: MilvusItems, descriptors: MilvusDescriptors) -> None:
        self._sidecar, self._items, self._descriptors = sidecar, items, descriptors

    def put(self, query: QueryRecord, verdicts: Mapping[int, bool]) -> None:
        """Keep that items, by their numbers, are right or wrong as answers to a query; a later mark replaces an earlier one."""
        numbers = list(verdicts)
        items = self._items.of_numbers(numbers)
        if len(items) < len(verdicts):
            raise CollectionError("an item that is to be marked was removed meanwhile: search again")
        with self._sidecar.transaction():
            if numbers:
                self._sidecar.put(
                    [items[number] for number in numbers], self._descriptors.of_numbers(np.array(numbers, dtype=np.int64))
                )
            self._sidecar.marks.put(query, {self._sidecar.items.number(items[n].id): right for n, right in verdicts.items()})

    def select(self) -> list[Mark]:
        """All marks, those of a query together, in the order in which they were made; ids are of items that are there now."""
        marks = self._sidecar.marks.select()
        numbers = self._numbers_of(marks)
        first = {picture: found[0] for picture, found in numbers.items() if found}
        items = self._items.of_numbers(first.values())
        return [
            replace(
                mark, id=None if mark.item not in first else items[first[mark.item]].id if first[mark.item] in items else None
            )
            for mark in marks
        ]

    def queries(self) -> list[QueryRecord]:
        """The queries that results were marked of."""
        return self._sidecar.marks.queries()

    def verdicts(self, queries: Sequence[str]) -> dict[int, bool]:
        """What was marked of queries, by their keys: numbers of items that are those pictures, and whether they are right."""
        marks = sorted((mark for mark in self._sidecar.marks.select() if mark.query in queries), key=lambda mark: mark.made)
        numbers = self._numbers_of(marks)
        return {number: mark.right for mark in marks for number in numbers[mark.item]}

    def remove(self, query: str | None = None, numbers: Indices | Sequence[int] = ()) -> int:
        """Forget marks: all of them, those of a query by its key, or only those of some items of it. Returns how many."""
        items = self._items.of_numbers(int(number) for number in numbers)
        if not len(numbers):
            return self._sidecar.marks.remove(query)
        known = [number for item in items.values() if (number := self._here(item)) is not None]
        return self._sidecar.marks.remove(query, known) if known else 0

    def _here(self, item: Item) -> int | None:
        """The number, in the file here, of an item of the same picture."""
        same = self._sidecar.items.same_as(item.id, item.content)
        return int(same[0]) if len(same) else None

    def _numbers_of(self, marks: Sequence[Mark]) -> dict[str, list[int]]:
        """Numbers of the server's items that are the pictures of marks."""
        pictures = {mark.item for mark in marks}
        ids = {picture: picture.removeprefix(BY_ID) for picture in pictures if picture.startswith(BY_ID)}
        known = self._items.known(ids.values())
        by_content = self._items.of_contents([picture for picture in pictures if picture not in ids])
        return by_content | {picture: [number_of(id_)] if id_ in known else [] for picture, id_ in ids.items()}
