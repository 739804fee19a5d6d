"""The text of a filter into its tree, or one line that says what is wrong with it."""

from __future__ import annotations

import ast
import io
import keyword
import math
import re
import tokenize
import unicodedata
from collections.abc import Collection as Names
from dataclasses import dataclass
from itertools import pairwise

from podoba.collection.filters.tree import (
    COLUMNS,
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
    Value,
    composed,
)
from podoba.errors import FilterError, did_you_mean
from podoba.files import shown

OPERATORS: dict[type[ast.cmpop], Operator] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "~=",
}  # fmt: skip
GRAMMAR = "write it like: label == 'cat' and (width > 1000 or not format in ['PNG', 'GIF'])"
LONGEST = 300  # comparisons and joints; far more is a mistake, and SQLite's own limit comes next
MOST = 10_000  # values of one list


def parse_filter(text: str, attributes: Names[str] = ()) -> Condition:
    """The tree of a filter.

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
    return _Reader(text, attributes).condition(tree)


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


@dataclass(frozen=True)
class _Reader:
    text: str
    attributes: Names[str]

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=op, values=parts):
                return Joined(tuple(self.condition(part) for part in parts), "all" if isinstance(op, ast.And) else "any")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand))
            case ast.Compare(left=left, ops=operators, comparators=others):
                sides = [left, *others]
                pairs = zip(sides, operators, others, strict=False)
                compared = tuple(self._comparison(a, op, b, node) for a, op, b in pairs)
                return compared[0] if len(compared) == 1 else Joined(compared, "all")
        raise self._unclear(node)

    def _comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, whole: ast.expr) -> Condition:
        if isinstance(operator, ast.In | ast.NotIn):
            is_in = self._membership(left, right, whole)
            return Not(is_in) if isinstance(operator, ast.NotIn) else is_in
        a, b = self._value(left), self._value(right)
        kinds = {a.kind, b.kind} - {"any"}
        name = OPERATORS.get(type(operator))
        if name is None:
            raise self._unclear(whole)
        if name == "~=":
            if kinds - {"text"} or not (isinstance(a, Literal) or isinstance(b, Literal)):
                raise self._error(f"filter {self._quoted(whole)}: ~= compares a text, in quotes, without regard to case", whole)
        elif "null" in kinds and name not in ("==", "!="):
            raise self._error(f"filter {self._quoted(whole)}: null has no order: compare it by == or !=", whole)
        elif kinds == {"text", "number"}:
            raise self._mixed(whole)
        return Comparison(a, name, b)

    def _membership(self, left: ast.expr, right: ast.expr, whole: ast.expr) -> Condition:
        known = self._value(left)
        if not isinstance(right, ast.List | ast.Tuple | ast.Set):
            text = self._value(right)
            if isinstance(text, Literal) or not isinstance(known, Literal) or known.kind != "text" or text.kind == "number":
                raise self._unclear(whole)
            return Contains(text, known)
        listed = [self._value(element) for element in right.elts]
        if len(listed) > MOST:
            raise self._error(f"a list of {len(listed)} values in the filter, more than {MOST}: use several searches", right)
        options = tuple(value for value in listed if isinstance(value, Literal))
        if len(options) < len(listed):
            raise self._unclear(whole)
        if {"text", "number"} <= {known.kind, *(value.kind for value in listed)} and known.kind != "any":
            raise self._mixed(whole)
        return Listed(known, options)

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=None) | ast.Name(id="null"):
                return Literal(None)
            case ast.Constant(value=str() as text):
                return Literal(composed(shown(text)))
            case ast.Constant(value=int() | float() as number):
                return self._number(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return self._number(-number)
            case ast.Name(id=name) if name in COLUMNS:
                return Column(name)
            case ast.Name(id=name):
                return self._attribute(name, node)
            case (
                ast.Attribute(value=ast.Name(id="attributes"), attr=name)
                | ast.Subscript(value=ast.Name(id="attributes"), slice=ast.Constant(value=str() as name))
            ):
                return self._attribute(name, node)
        raise self._unclear(node)

    def _number(self, number: int | float) -> Literal:
        try:
            bound = number if isinstance(number, float) or abs(number) < 1 << 63 else float(number)
        except OverflowError:
            bound = math.inf
        if not math.isfinite(bound):
            raise FilterError(f"filter {self.text[:200]!r}: a number in it is too large")
        return Literal(bound)

    def _attribute(self, name: str, node: ast.expr) -> Attribute:
        # The parser composes the letters of names.
        alike = [one for one in self.attributes if _same_letters(one) == _same_letters(name)]
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
        return Attribute(name)

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


def _same_letters(name: str) -> str:
    return unicodedata.normalize("NFKC", name)
