"""Filters in Python, of items that were read: they choose as SQL does, for stores that cannot say all of a filter themselves."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Mapping
from typing import Protocol

from podoba.collection.filters.sql import folded
from podoba.collection.filters.tree import (
    Attribute,
    Column,
    Comparison,
    Condition,
    Contains,
    Joined,
    Listed,
    Literal,
    Not,
    Value,
    composed,
)
from podoba.files import to_name

Known = str | bytes | int | float | None
ORDER: dict[str, Callable[[tuple[int, Known], tuple[int, Known]], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Filtered(Protocol):
    """What a filter looks at; an `Item` is one."""

    @property
    def uri(self) -> str: ...
    @property
    def label(self) -> str | None: ...
    @property
    def attributes(self) -> Mapping[str, str | int | float | None]: ...


def holds(condition: Condition, item: Filtered) -> bool:
    """Whether a condition is true of an item."""
    match condition:
        case Joined(parts, way):
            return (all if way == "all" else any)(holds(part, item) for part in parts)
        case Not(part):
            return not holds(part, item)
        case Comparison():
            return _compares(condition, item)
        case Listed(value, options):
            foreign = any(option.is_foreign for option in options)
            known = _value(value, item, foreign)
            return any(_equal(known, option.value) for option in options)
        case Contains(text, part):
            return _contains(_value(text, item, part.is_foreign), str(part.value))


def _compares(node: Comparison, item: Filtered) -> bool:
    foreign = any(isinstance(one, Literal) and one.is_foreign for one in (node.left, node.right))
    a, b = _value(node.left, item, foreign), _value(node.right, item, foreign)
    if node.operator == "~=":
        return _equal(folded(a), folded(b))
    if node.operator == "==":
        return _equal(a, b)
    if node.operator == "!=":
        return not _equal(a, b)
    if a is None or b is None:
        return False
    if "any" in (node.left.kind, node.right.kind) and isinstance(a, str) != isinstance(b, str):
        return False
    return ORDER[node.operator]((_rank(a), a), (_rank(b), b))


def _value(value: Value, item: Filtered, foreign: bool) -> Known:
    match value:
        case Literal(known):
            return known
        case Column("uri"):
            name = to_name(item.uri)
            return composed(name) if foreign and isinstance(name, str) else name
        case Column("label"):
            return None if item.label is None else composed(item.label)
        case Column(name):
            known_column: Known = getattr(item, name)
            return known_column
        case Attribute(name):
            return item.attributes.get(name)


def _equal(a: Known, b: Known) -> bool:
    return _rank(a) == _rank(b) and a == b


def _contains(text: Known, part: str) -> bool:
    if isinstance(text, bytes):  # a name that is no text: its bytes are looked through
        return os.fsencode(part) in text
    return isinstance(text, str) and part in text


def _rank(value: Known) -> int:
    """In the order of SQLite: numbers, then texts, then bytes."""
    return 0 if value is None else 1 if isinstance(value, int | float) else 2 if isinstance(value, str) else 3
