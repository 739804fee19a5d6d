"""Filters as conditions of SQL with bound values, for the items of a collection's file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection as Names
from dataclasses import dataclass, field
from typing import Any

from podoba.collection.filters.parse import parse_filter
from podoba.collection.filters.tree import (
    Attribute,
    Column,
    Comparison,
    Condition,
    Contains,
    Joined,
    Kind,
    Listed,
    Literal,
    Not,
    Value,
    composed,
)

EQUAL = {"==": "IS", "!=": "IS NOT"}


def compile_filter(text: str | None, attributes: Names[str] = ()) -> tuple[str, list[Any]]:
    """An SQL condition on the table `items`, and the values bound in it; the language is that of `parse_filter`.

    Args:
        attributes: names that the collection knows.

    Raises:
        FilterError: what is not understood, with the nearest valid name.
    """
    if text is None:
        return "1", []
    compiler = _Compiler()
    return compiler.condition(parse_filter(text, attributes)), compiler.values


def add_text_functions(connection: sqlite3.Connection) -> None:
    """Let SQL use `nfc(text)` and `folded(text)`, of conditions on what may not be composed, or without regard to case."""
    connection.create_function("nfc", 1, _nfc, deterministic=True)
    connection.create_function("folded", 1, folded, deterministic=True)


def folded(value: Any) -> Any:
    """A text without regard to case; what is no text as it is."""
    return _nfc(_nfc(value).casefold()) if isinstance(value, str) else value


def _nfc(value: Any) -> Any:
    return composed(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class _Term:
    """A value in SQL."""

    sql: str
    kind: Kind
    values: tuple[Any, ...] = ()
    literal: bool = False

    @property
    def composed(self) -> _Term:
        """In NFC, as literals are; labels and attributes are stored so, paths as they are."""
        return _Term(f"nfc({self.sql})", self.kind, self.values) if self.sql == "items.uri" else self

    @property
    def bare(self) -> _Term:
        """Without its column's type, to which SQLite would else turn what it is compared with: '12' would be 12."""
        return self if self.literal or self.kind == "any" else _Term(f"+{self.sql}", self.kind, self.values)

    @property
    def folded(self) -> _Term:
        """Without regard to case."""
        return _Term(f"folded({self.sql})", self.kind, self.values)


def _term(value: Value) -> _Term:
    match value:
        case Literal(None):
            return _Term("NULL", "null", literal=True)
        case Literal(known):
            return _Term("?", value.kind, (known,), literal=True)
        case Column(name):
            return _Term(f"items.{name}", value.kind)
        case Attribute(name):
            if json.dumps(name, ensure_ascii=False) != f'"{name}"':  # SQLite's paths know no escapes
                return _Term("(SELECT value FROM json_each(items.attributes) WHERE key = ?)", "any", (name,))
            return _Term("json_extract(items.attributes, ?)", "any", (f'$."{name}"',))


@dataclass
class _Compiler:
    values: list[Any] = field(default_factory=list)

    def condition(self, node: Condition) -> str:
        """SQL that is 0 or 1 and never NULL."""
        match node:
            case Joined(parts, way):
                return "(" + (" AND " if way == "all" else " OR ").join(self.condition(part) for part in parts) + ")"
            case Not(part):
                return f"NOT {self.condition(part)}"
            case Comparison():
                return self._comparison(node)
            case Listed():
                return self._listed(node)
            case Contains():
                return self._contains(node)

    def _comparison(self, node: Comparison) -> str:
        a, b = _term(node.left), _term(node.right)
        if node.operator == "~=":
            return self._bind("({} IS {})", a.folded, b.folded)
        if any(isinstance(one, Literal) and one.is_foreign for one in (node.left, node.right)):
            a, b = a.composed, b.composed
        if "any" in (a.kind, b.kind):
            a, b = a.bare, b.bare
        if node.operator in EQUAL:
            return self._bind(f"({{}} {EQUAL[node.operator]} {{}})", a, b)
        compared = f"{{}} {node.operator} {{}}"
        # SQLite puts every text after every number: an attribute that is a number here and a text there must not match.
        alike = "" if "any" not in (a.kind, b.kind) else " AND (typeof({}) = 'text') = (typeof({}) = 'text')"
        return self._bind(f"coalesce({compared}{alike}, 0)", *((a, b) if not alike else (a, b, a, b)))

    def _contains(self, node: Contains) -> str:
        text, known = _term(node.text), _term(node.part)
        if node.part.is_foreign:
            text = text.composed
        if text.kind == "any":  # a number is no text, though instr() would take it for one
            return self._bind("coalesce(typeof({}) = 'text' AND instr({}, {}) > 0, 0)", text, text, known)
        return self._bind("coalesce(instr({}, {}) > 0, 0)", text, known)

    def _listed(self, node: Listed) -> str:
        known = _term(node.value)
        if any(option.is_foreign for option in node.options):
            known = known.composed
        present = [_term(option) for option in node.options if option.kind != "null"]
        listed_in = self._bind("coalesce({} IN (" + ", ".join(["{}"] * len(present)) + "), 0)", known, *present)
        if len(present) == len(node.options):
            return listed_in
        return f"({listed_in} OR " + self._bind("{} IS NULL)", known)

    def _bind(self, form: str, *parts: _Term) -> str:
        """Put the parts into the form's places, and their values in the same order."""
        for part in parts:
            self.values.extend(part.values)
        return form.format(*(part.sql for part in parts))
