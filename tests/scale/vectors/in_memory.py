"""A server's collection as a list, for tests of what stands on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.scale.vectors.remote import RemoteCollection
from podoba.scale.vectors.schema import LOWEST, NUMBER, to_row
from podoba.scale.vectors.settings import DEFAULT, VectorSettings


class InMemory(RemoteCollection):
    """Items in the order of their numbers; every expression chooses all of them."""

    def __init__(self, items: Sequence[Item], descriptors: Floats, settings: VectorSettings = DEFAULT) -> None:
        self.settings = settings
        self._rows = sorted((to_row(*both) for both in zip(items, descriptors, strict=True)), key=lambda row: int(row[NUMBER]))

    def pages(self, expression: str, fields: Sequence[str], rows: int, start: int = LOWEST) -> Iterator[list[dict[str, Any]]]:
        later = [row for row in self._rows if row[NUMBER] >= start]
        for first in range(0, len(later), rows):
            yield later[first : first + rows]

    def of_numbers(self, numbers: Iterable[int], fields: Sequence[str]) -> dict[int, dict[str, Any]]:
        wanted = set(numbers)
        return {row[NUMBER]: row for row in self._rows if row[NUMBER] in wanted}

    def attribute_names(self) -> list[str]:
        return ["price"]
