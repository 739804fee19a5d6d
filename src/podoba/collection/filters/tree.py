"""A filter as a checked tree: what was written, and nothing that a comparison could not mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

Kind = OneOf["text", "number", "null", "any"]
Operator = OneOf["==", "!=", "<", "<=", ">", ">=", "~="]
COLUMNS: dict[str, Kind] = {
    "id": "text", "uri": "text", "label": "text", "width": "number", "height": "number", "format": "text", "size": "number",
}  # fmt: skip


@dataclass(frozen=True)
class Literal:
    """A value that was written: text in composed Unicode (NFC), a finite number, or None for `null`."""

    value: str | int | float | None

    @property
    def kind(self) -> Kind:
        """Of the value."""
        return "null" if self.value is None else "text" if isinstance(self.value, str) else "number"

    @property
    def is_foreign(self) -> bool:
        """Whether it is a text with letters that may be written in several ways."""
        return isinstance(self.value, str) and not self.value.isascii()


@dataclass(frozen=True)
class Column:
    """A column of the items, by its name in `COLUMNS`."""

    name: str

    @property
    def kind(self) -> Kind:
        """Of all its values; a label may be absent."""
        return COLUMNS[self.name]


@dataclass(frozen=True)
class Attribute:
    """An attribute of the items, by its name: a text here, a number there, or absent."""

    name: str

    @property
    def kind(self) -> Kind:
        """Any."""
        return "any"


Value = Literal | Column | Attribute


@dataclass(frozen=True)
class Comparison:
    """Two values compared. Absent ones are equal to each other and have no order; a text and a number are unequal, unordered."""

    left: Value
    operator: Operator
    right: Value


@dataclass(frozen=True)
class Listed:
    """Whether a value is one of some."""

    value: Value
    options: tuple[Literal, ...]


@dataclass(frozen=True)
class Contains:
    """Whether a text has a part."""

    text: Column | Attribute
    part: Literal


@dataclass(frozen=True)
class Not:
    """What does not hold."""

    part: Condition


@dataclass(frozen=True)
class Joined:
    """Several conditions, of which all hold, or any."""

    parts: tuple[Condition, ...]
    way: OneOf["all", "any"]


Condition = Comparison | Listed | Contains | Not | Joined


def composed(text: str) -> str:
    """A text in composed Unicode (NFC)."""
    return unicodedata.normalize("NFC", text)


def values_in(condition: Condition) -> Iterator[Value]:
    """All values that a condition looks at."""
    match condition:
        case Comparison(left, _, right):
            yield from (left, right)
        case Listed(value, options):
            yield from (value, *options)
        case Contains(text, part):
            yield from (text, part)
        case Not(part):
            yield from values_in(part)
        case Joined(parts):
            for part in parts:
                yield from values_in(part)
