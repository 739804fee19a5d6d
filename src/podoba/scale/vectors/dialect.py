"""Filters as expressions of Milvus.

What its language cannot say exactly is said as a lower and an upper bound, so that a negation stays right; the server chooses by
the upper one, and what it gives is compared again here.
"""

from __future__ import annotations

import math
from collections.abc import Collection as Names
from dataclasses import dataclass

from podoba.collection.filters.parse import parse_filter
from podoba.collection.filters.predicate import holds
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
    Operator,
    values_in,
)
from podoba.collection.storage.items import Item

Expression = str | bool
MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=", "~=": "~="}
EXACT = 1 << 53  # integers below it are floats too
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
NOBODY = Item("", "", "", None, "", 0, None, 0, 0, "")
LABELLED, NAMED = "has_label == true", 'raw == ""'


@dataclass(frozen=True)
class Choice:
    """What a filter chooses.

    Attributes:
        expression: for the server; empty for all items.
        rest: what must be compared again of each item that the server chose; None where it chose exactly.
    """

    expression: str
    rest: Condition | None = None


@dataclass(frozen=True)
class _Bounds:
    """Expressions that choose no item too many, and none too few."""

    lower: Expression
    upper: Expression


def choose(text: str | None, attributes: Names[str], nothing: str) -> Choice:
    """What the server is to choose for a filter, whose language is that of `parse_filter`.

    Args:
        attributes: names that the collection knows.
        nothing: the expression that chooses no item.

    Raises:
        FilterError: what is not understood.
    """
    if text is None:
        return Choice("")
    condition = parse_filter(text, attributes)
    bounds = _bounds(condition)
    chosen = bounds.upper
    expression = chosen if isinstance(chosen, str) else "" if chosen else nothing
    return Choice(expression, None if bounds.lower == bounds.upper else condition)


def quoted(text: str) -> str:
    """A text as the server's language writes it: ASCII, and nothing in it that could end it."""
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if " " <= letter <= "~":
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 1 << 16 else f"\\U{ord(letter):08x}"


def _bounds(node: Condition) -> _Bounds:
    if all(isinstance(value, Literal) for value in values_in(node)):
        return _exact(holds(node, NOBODY))
    match node:
        case Joined(parts, way):
            several = [_bounds(part) for part in parts]
            join = _all if way == "all" else _any
            return _Bounds(join([one.lower for one in several]), join([one.upper for one in several]))
        case Not(part):
            return _negated(_bounds(part))
        case Contains(text):
            return _Bounds(False, _is_text(text))
        case Listed(value, options):
            return _listed(value, options)
        case Comparison(left, operator, right):
            if isinstance(left, Literal):
                left, operator, right = right, MIRRORED[operator], left
            if operator == "!=":
                return _negated(_compared(left, "==", right))
            return _compared(left, operator, right)


def _compared(left: object, operator: Operator, right: object) -> _Bounds:
    if operator == "~=":
        return _Bounds(False, _is_text(left))
    match left, right:
        case Column(a), Column(b) if left.kind == right.kind == "number":
            return _exact(f"{a} {operator} {b}")
        case Column(name), Literal(None):
            return _exact("has_label == false" if name == "label" else False)
        case Column(name), Literal(value) if isinstance(value, str):
            return _text_column(name, f"{name} {operator} {quoted(value)}", right.is_foreign)
        case Column(name), Literal(value) if isinstance(value, int | float):
            return _exact(_integers(name, operator, value))
        case Attribute(name), Literal(value):
            path = _path(name)
            return _Bounds(False, True) if path is None else _attribute(path, operator, value)
    return _Bounds(False, True)  # values of two items' columns or attributes, which it does not compare


def _text_column(name: str, expression: Expression, foreign: bool) -> _Bounds:
    if name == "label":
        return _exact(_all([LABELLED, expression]))
    if name == "uri":  # perhaps not composed, perhaps no text
        return _Bounds(False, True) if foreign else _Bounds(_all([NAMED, expression]), _any([f"not ({NAMED})", expression]))
    return _exact(expression)


def _integers(name: str, operator: Operator, value: int | float) -> Expression:
    """A comparison of whole numbers with any number."""
    if operator == "==":
        return f"{name} == {int(value)}" if value == math.floor(value) and LOWEST < value < HIGHEST else False
    bound = math.ceil(value) if operator in ("<", ">=") else math.floor(value)
    if bound > HIGHEST:
        return operator in ("<", "<=")
    if bound <= LOWEST:
        return operator in (">", ">=")
    return f"{name} {operator} {bound}"


def _attribute(path: str, operator: Operator, value: str | int | float | None) -> _Bounds:
    if value is None:
        return _exact(f"not ({_present(path)})")
    if isinstance(value, str):
        return _exact(f"{path} {operator} {quoted(value)}")
    if abs(value) >= EXACT:
        return _Bounds(False, f"({path} <= 0 or {path} > 0)")
    return _exact(f"{path} {operator} {value!r}")


def _listed(value: object, options: tuple[Literal, ...]) -> _Bounds:
    foreign = any(option.is_foreign for option in options)
    known = [option.value for option in options if option.value is not None]
    absent = len(known) < len(options)
    match value:
        case Column(name) if value.kind == "number":
            whole = [int(one) for one in known if not isinstance(one, str) and one == int(one) and LOWEST < one < HIGHEST]
            return _exact(f"{name} in {whole}" if whole else False)
        case Column(name):
            texts = [quoted(str(one)) for one in known]
            named = _text_column(name, f"{name} in [{', '.join(texts)}]" if texts else False, foreign)
            null: Expression = "has_label == false" if absent and name == "label" else False
            return _Bounds(_any([named.lower, null]), _any([named.upper, null]))
        case Attribute(name):
            path = _path(name)
            if path is None or any(not isinstance(one, str) and abs(one) >= EXACT for one in known):
                return _Bounds(False, True)
            kinds = [[one for one in known if type(one) is kind] for kind in (str, int, float)]
            parts: list[Expression] = [
                f"{path} in [{', '.join(quoted(one) if isinstance(one, str) else repr(one) for one in some)}]"
                for some in kinds if some
            ]  # fmt: skip
            return _exact(_any([*parts, f"not ({_present(path)})" if absent else False]))
    return _Bounds(False, True)


def _path(name: str) -> str | None:
    """An attribute; None where the server's language cannot name it."""
    if not name or not name.isprintable():
        return None
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'attributes["{escaped}"]'


def _present(path: str) -> str:
    """A text or a number is there: nothing, and JSON's null, are no value."""
    return f'{path} >= "" or {path} <= 0 or {path} > 0'


def _is_text(value: object) -> Expression:
    match value:
        case Column("label"):
            return LABELLED
        case Attribute(name):
            path = _path(name)
            return True if path is None else f'{path} >= ""'
    return True


def _exact(expression: Expression) -> _Bounds:
    return _Bounds(expression, expression)


def _negated(bounds: _Bounds) -> _Bounds:
    lower, upper = (not one if isinstance(one, bool) else f"not ({one})" for one in (bounds.upper, bounds.lower))
    return _Bounds(lower, upper)


def _all(parts: list[Expression]) -> Expression:
    if any(part is False for part in parts):
        return False
    return " and ".join(f"({part})" for part in parts if part is not True) or True


def _any(parts: list[Expression]) -> Expression:
    if any(part is True for part in parts):
        return True
    return " or ".join(f"({part})" for part in parts if part is not False) or False
