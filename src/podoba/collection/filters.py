"""A small language to choose items by, compiled to SQL with bound values: `label == "cat" and width > 1000`."""

from __future__ import annotations

import ast
import io
import json
import keyword
import math
import re
import sqlite3
import tokenize
import unicodedata
from collections.abc import Collection as Names
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from podoba.errors import FilterError, did_you_mean
from podoba.files import shown

Kind = Literal["text", "number", "null", "any"]
COLUMNS: dict[str, Kind] = {
    "id": "text", "uri": "text", "label": "text", "width": "number", "height": "number", "format": "text", "size": "number",
}  # fmt: skip
EQUAL: dict[type[ast.cmpop], str] = {ast.Eq: "IS", ast.NotEq: "IS NOT"}
ORDER: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
GRAMMAR = "write it like: label == 'cat' and (width > 1000 or not format in ['PNG', 'GIF'])"
LONGEST = 300  # comparisons and joints; far more is a mistake, and SQLite's own limit comes next
MOST = 10_000  # values of one list


def compile_filter(text: str | None, attributes: Names[str] = ()) -> tuple[str, list[Any]]:
    """An SQL condition on the table `items`, and the values bound in it.

    Names are `id`, `uri`, `label`, `width`, `height`, `format`, `size` (bytes) and the collection's attributes, these also as
    `attributes.NAME` or `attributes["NAME"]`. They are compared by ==, !=, <, <=, >, >= and `in` (a list of values, or a part
    of a text: `'beach' in uri`), and joined by `and`, `or`, `not` and parentheses. `null` is what is absent; only == and
    != find it, and no order comparison is true of it. Text is compared as composed Unicode (NFC), since one system writes `й`
    as one letter and another as two; `~=` is == without regard to case.

    Args:
        attributes: names that the collection knows.

    Raises:
        FilterError: what is not understood, with the nearest valid name.
    """
    if text is None:
        return "1", []
    try:
        tree = ast.parse(_with_words(text.strip()), mode="eval").body
        length = sum(isinstance(node, ast.BoolOp | ast.UnaryOp | ast.Compare) for node in ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        hint = _about_words(text, attributes) or "equality is written =="
        offset = error.offset if isinstance(error, SyntaxError) and "~" not in text and "\n" not in text.strip() else None
        place = None if offset is None else offset - 1 + len(text) - len(text.lstrip())
        raise FilterError(f"filter {text[:200]!r} is not understood ({hint}): {GRAMMAR}", place) from error
    if length > LONGEST:
        raise FilterError(f"the filter has {length} parts, more than {LONGEST}: use a list, as in label in ['cat', 'dog']")
    compiler = _Compiler(text, attributes)
    return compiler.condition(tree), compiler.values


def add_text_functions(connection: sqlite3.Connection) -> None:
    """Let SQL use `nfc(text)` and `folded(text)`, of conditions on what may not be composed, or without regard to case."""
    connection.create_function("nfc", 1, _nfc, deterministic=True)
    connection.create_function("folded", 1, _folded, deterministic=True)


def _nfc(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _folded(value: Any) -> Any:
    return _nfc(_nfc(value).casefold()) if isinstance(value, str) else value


def _with_words(text: str) -> str:
    """The filter with `is` in the place of `~=`, which Python's parser does not know; texts in quotes stay as they are.

    Raises:
        SyntaxError: it has an `is` of its own.
        tokenize.TokenError: a text or a parenthesis that does not end.
    """
    if "~" not in text and "is" not in text:
        return text
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    if any(token.type == tokenize.NAME and token.string == "is" for token in tokens):
        raise SyntaxError("`is` is no comparison here")
    lines = text.splitlines(keepends=True)
    for first, second in reversed(list(pairwise(tokens))):
        if (first.string, second.string) == ("~", "=") and first.end == second.start:
            line, (row, start) = lines[first.start[0] - 1], first.start
            lines[row - 1] = f"{line[:start]} is {line[second.end[1] :]}"
    return "".join(lines)


def _about_words(text: str, attributes: Names[str]) -> str | None:
    """How to write an attribute whose name is a word of the language, such as class."""
    words = [word for word in re.findall(r"\w+", text) if keyword.iskeyword(word) and word in attributes]
    return f"write attributes['{words[0]}'] for the attribute {words[0]}" if words else None


@dataclass
class _Value:
    sql: str
    kind: Kind
    values: list[Any] = field(default_factory=list)
    literal: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether it is a text with letters that may be written in several ways."""
        return self.literal and self.kind == "text" and not self.values[0].isascii()

    @property
    def composed(self) -> _Value:
        """In NFC, as literals are; labels and attributes are stored so, paths as they are."""
        return _Value(f"nfc({self.sql})", self.kind, self.values) if self.sql == "items.uri" else self

    @property
    def bare(self) -> _Value:
        """Without its column's type, to which SQLite would else turn what it is compared with: '12' would be 12."""
        return self if self.literal or self.kind == "any" else _Value(f"+{self.sql}", self.kind, self.values)


@dataclass
class _Compiler:
    text: str
    attributes: Names[str]
    values: list[Any] = field(default_factory=list)

    def condition(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp(op=op, values=parts):
                joint = " AND " if isinstance(op, ast.And) else " OR "
                return "(" + joint.join(self.condition(part) for part in parts) + ")"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"NOT {self.condition(operand)}"
            case ast.Compare(left=left, ops=operators, comparators=others):
                sides = [left, *others]
                pairs = zip(sides, operators, others, strict=False)
                return "(" + " AND ".join(self._comparison(a, op, b, node) for a, op, b in pairs) + ")"
        raise self._unclear(node)

    def _comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, whole: ast.expr) -> str:
        """One comparison, as SQL that is 0 or 1 and never NULL."""
        if isinstance(operator, ast.In | ast.NotIn):
            is_in = self._membership(left, right, whole)
            return f"NOT {is_in}" if isinstance(operator, ast.NotIn) else is_in
        a, b = self._value(left), self._value(right)
        if isinstance(operator, ast.Is):
            if {a.kind, b.kind} - {"text", "any"} or not (a.literal or b.literal):
                raise self._error(f"filter {self._quoted(whole)}: ~= compares a text, in quotes, without regard to case", whole)
            return self._bind("({} IS {})", *(_Value(f"folded({one.sql})", one.kind, one.values) for one in (a, b)))
        if a.is_foreign or b.is_foreign:
            a, b = a.composed, b.composed
        kinds = {a.kind, b.kind} - {"any"}
        if "any" in (a.kind, b.kind):
            a, b = a.bare, b.bare
        if type(operator) in EQUAL:
            if kinds == {"text", "number"}:
                raise self._mixed(whole)
            return self._bind(f"({{}} {EQUAL[type(operator)]} {{}})", a, b)
        if type(operator) not in ORDER:
            raise self._unclear(whole)
        if "null" in kinds:
            raise self._error(f"filter {self._quoted(whole)}: null has no order: compare it by == or !=", whole)
        if kinds == {"text", "number"}:
            raise self._mixed(whole)
        compared = f"{{}} {ORDER[type(operator)]} {{}}"
        # SQLite puts every text after every number: an attribute that is a number here and a text there must not match.
        alike = "" if "any" not in (a.kind, b.kind) else " AND (typeof({}) = 'text') = (typeof({}) = 'text')"
        return self._bind(f"coalesce({compared}{alike}, 0)", *((a, b) if not alike else (a, b, a, b)))

    def _membership(self, left: ast.expr, right: ast.expr, whole: ast.expr) -> str:
        known = self._value(left)
        if not isinstance(right, ast.List | ast.Tuple | ast.Set):
            text = self._value(right)
            if text.literal or not known.literal or known.kind != "text" or text.kind == "number":
                raise self._unclear(whole)
            if known.is_foreign:
                text = text.composed
            if text.kind == "any":  # a number is no text, though instr() would take it for one
                return self._bind("coalesce(typeof({}) = 'text' AND instr({}, {}) > 0, 0)", text, text, known)
            return self._bind("coalesce(instr({}, {}) > 0, 0)", text, known)
        listed = [self._value(element) for element in right.elts]
        if len(listed) > MOST:
            raise self._error(f"a list of {len(listed)} values in the filter, more than {MOST}: use several searches", right)
        if not all(value.literal for value in listed):
            raise self._unclear(whole)
        if {"text", "number"} <= {known.kind, *(value.kind for value in listed)} and known.kind != "any":
            raise self._mixed(whole)
        if any(value.is_foreign for value in listed):
            known = known.composed
        present = [value for value in listed if value.kind != "null"]
        listed_in = self._bind("coalesce({} IN (" + ", ".join(["{}"] * len(present)) + "), 0)", known, *present)
        if len(present) == len(listed):
            return listed_in
        return f"({listed_in} OR " + self._bind("{} IS NULL)", known)

    def _value(self, node: ast.expr) -> _Value:
        match node:
            case ast.Constant(value=None) | ast.Name(id="null"):
                return _Value("NULL", "null", literal=True)
            case ast.Constant(value=str() as text):
                return _Value("?", "text", [_nfc(shown(text))], literal=True)
            case ast.Constant(value=int() | float() as number):
                return self._number(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return self._number(-number)
            case ast.Name(id=name) if name in COLUMNS:
                return _Value(f"items.{name}", COLUMNS[name])
            case ast.Name(id=name):
                return self._attribute(name, node)
            case (
                ast.Attribute(value=ast.Name(id="attributes"), attr=name)
                | ast.Subscript(value=ast.Name(id="attributes"), slice=ast.Constant(value=str() as name))
            ):
                return self._attribute(name, node)
        raise self._unclear(node)

    def _number(self, number: int | float) -> _Value:
        try:
            bound = number if isinstance(number, float) or abs(number) < 1 << 63 else float(number)
        except OverflowError:
            bound = math.inf
        if not math.isfinite(bound):
            raise FilterError(f"filter {self.text[:200]!r}: a number in it is too large")
        return _Value("?", "number", [bound], literal=True)

    def _attribute(self, name: str, node: ast.expr) -> _Value:
        # The parser composes the letters of names.
        alike = [one for one in self.attributes if _composed(one) == _composed(name)]
        if name not in self.attributes and len(alike) == 1:
            name = alike[0]
        if name not in self.attributes:
            known = [*COLUMNS, *sorted(self.attributes)]
            hint = did_you_mean(name, known)
            hint += " " if hint else ""
            if name in ("true", "false"):
                hint = "write 1 or 0 for what is true or false, or the text in quotes "
            listed = ", ".join(known[:30])
            unknown = f"filter {self.text[:200]!r}: unknown name {name!r}: {hint}(names: {listed}; text stands in quotes)"
            raise self._error(unknown, node)
        if json.dumps(name, ensure_ascii=False) != f'"{name}"':  # SQLite's paths know no escapes
            return _Value("(SELECT value FROM json_each(items.attributes) WHERE key = ?)", "any", [name])
        return _Value("json_extract(items.attributes, ?)", "any", [f'$."{name}"'])

    def _bind(self, form: str, *parts: _Value) -> str:
        """Put the parts into the form's places, and their values in the same order."""
        for part in parts:
            self.values.extend(part.values)
        return form.format(*(part.sql for part in parts))

    def _unclear(self, node: ast.expr) -> FilterError:
        return self._error(f"filter: {self._quoted(node)} is not understood: {GRAMMAR}", node)

    def _mixed(self, node: ast.expr) -> FilterError:
        numbers = ", ".join(name for name, kind in COLUMNS.items() if kind == "number")
        return self._error(f"filter {self._quoted(node)} compares text with a number (numbers are: {numbers})", node)

    def _error(self, message: str, node: ast.expr) -> FilterError:
        """An error at a part of the filter; its place is known where the filter is one line as it was written."""
        if "~" in self.text or node.lineno > 1:
            return FilterError(message)
        before = self.text.strip().encode()[: node.col_offset].decode()
        return FilterError(message, len(self.text) - len(self.text.lstrip()) + len(before))

    def _quoted(self, node: ast.expr) -> str:
        try:
            return repr(ast.unparse(node).replace(" is ", " ~= ")[:200])
        except RecursionError:
            return repr(self.text[:200])


def _composed(name: str) -> str:
    return unicodedata.normalize("NFKC", name)
