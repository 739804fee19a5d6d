"""A small language to choose items by, compiled to SQL with bound values: `label == "cat" and width > 1000`."""

from __future__ import annotations

import ast
import difflib
from typing import Any

from podoba.errors import CollectionError

COLUMNS = ("id", "uri", "label", "width", "height", "format", "bytes")
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "IS", ast.NotEq: "IS NOT", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
GRAMMAR = "write it like: label == 'cat' and (width > 1000 or not format in ['PNG', 'GIF'])"


def compile_filter(text: str | None) -> tuple[str, list[Any]]:
    """An SQL condition and the values bound in it.

    Names are the columns of an item, or `attributes.NAME`; compared by ==, !=, <, <=, >, >=, in; joined by and, or, not.

    Raises:
        CollectionError: what is not understood, with the nearest valid name.
    """
    if text is None or not text.strip():
        return "1", []
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CollectionError(f"--where {text!r} is not understood: {GRAMMAR}") from error
    values: list[Any] = []
    return _condition(tree, values, text), values


def _condition(node: ast.expr, values: list[Any], text: str) -> str:
    match node:
        case ast.BoolOp(op=op, values=parts):
            joint = " AND " if isinstance(op, ast.And) else " OR "
            return "(" + joint.join(_condition(part, values, text) for part in parts) + ")"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"NOT coalesce({_condition(operand, values, text)}, 0)"
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return f"({_value(left, values, text)} {COMPARISONS[type(op)]} {_value(right, values, text)})"
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.List(elts=e) | ast.Tuple(elts=e)]):
            known = _value(left, values, text)
            listed = ", ".join(_value(item, values, text) for item in e)
            return f"({known} {'NOT IN' if isinstance(op, ast.NotIn) else 'IN'} ({listed}))"
    raise CollectionError(f"--where {text!r}: {ast.unparse(node)!r} is not understood: {GRAMMAR}")


def _value(node: ast.expr, values: list[Any], text: str) -> str:
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            values.append(value)
            return "?"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            values.append(-value)
            return "?"
        case ast.Name(id="null"):
            return "NULL"
        case ast.Name(id=name) if name in COLUMNS:
            return name
        case ast.Attribute(value=ast.Name(id="attributes"), attr=name):
            values.append(f'$."{name}"')
            return "json_extract(attributes, ?)"
        case ast.Name(id=name):
            near = difflib.get_close_matches(name, COLUMNS, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"attributes.{name}?"
            raise CollectionError(
                f"--where {text!r}: unknown name {name!r}: {hint} (known: {', '.join(COLUMNS)}, attributes.NAME)"
            )
    raise CollectionError(f"--where {text!r}: {ast.unparse(node)!r} is not understood: {GRAMMAR}")
