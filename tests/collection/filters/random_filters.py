"""Filters at random, each with what Python makes of it, and items that they choose among."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from podoba.collection.storage.items import Item

Row = dict[str, Any]
Told = Callable[[Row], Any]
VALUES: list[Any] = [None, 0, 1, 5, 2.5, -3, 100, 1e300, 2**62, "", "5", "a", "ab", "Київ", "it's", 'q"', "%", "100", "\x07", "Z"]
LITERALS: dict[str, list[Any]] = {
    "text": [value for value in VALUES if isinstance(value, str)],
    "number": [value for value in VALUES if isinstance(value, int | float)],
}
KINDS = {
    "label": "text",
    "uri": "text",
    "width": "number",
    "size": "number",
    "one": "any",
    "two": "any",
    "attributes['3 \"']": "any",
}


def written(value: Any) -> str:
    return "null" if value is None else repr(value)


def equal(a: Any, b: Any) -> bool:
    return bool(a == b) if isinstance(a, str) == isinstance(b, str) else False


def ordered(a: Any, operator: str, b: Any) -> bool:
    if a is None or b is None or isinstance(a, str) != isinstance(b, str):
        return False
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Told]:
    name = draw(st.sampled_from(list(KINDS)))
    kind = KINDS[name]
    allowed = [*LITERALS["text"], *LITERALS["number"]] if kind == "any" else LITERALS[kind]
    way = draw(st.sampled_from(["equal", "order", "list", "part"]))
    if way == "list":
        listed = draw(st.lists(st.sampled_from([*allowed, None]), max_size=4))
        told: Told = lambda row: any(equal(row[name], value) for value in listed)  # noqa: E731
        return f"{name} in [{', '.join(map(written, listed))}]", told
    if way == "part":
        part = draw(st.sampled_from(LITERALS["text"]))
        name = draw(st.sampled_from([one for one in KINDS if KINDS[one] != "number"]))
        return f"{written(part)} in {name}", lambda row: isinstance(row[name], str) and part in row[name]
    other = draw(st.sampled_from([one for one in KINDS if "any" in (KINDS[one], kind) or KINDS[one] == kind]))
    literal = draw(st.sampled_from([*allowed, None] if way == "equal" else allowed))
    text, value = draw(st.sampled_from([(other, lambda row: row[other]), (written(literal), lambda row: literal)]))
    if way == "order":
        operator = draw(st.sampled_from(["<", "<=", ">", ">="]))
        return f"{name} {operator} {text}", lambda row: ordered(row[name], operator, value(row))
    if draw(st.booleans()):
        return f"{text} == {name}", lambda row: equal(row[name], value(row))
    return f"{name} != {text}", lambda row: not equal(row[name], value(row))


def joined(parts: st.SearchStrategy[tuple[str, Told]]) -> st.SearchStrategy[tuple[str, Told]]:
    def both(a: tuple[str, Told], b: tuple[str, Told], way: str) -> tuple[str, Told]:
        if way == "not":
            return f"not ({a[0]})", lambda row: not a[1](row)
        if way == "and":
            return f"({a[0]}) and ({b[0]})", lambda row: a[1](row) and b[1](row)
        return f"({a[0]}) or ({b[0]})", lambda row: a[1](row) or b[1](row)

    return st.builds(both, parts, parts, st.sampled_from(["and", "or", "not"]))


def row_of(item: Item) -> Row:
    columns = {"label": item.label, "uri": item.uri, "width": item.width, "size": item.size}
    own = item.attributes
    return columns | {"one": own.get("one"), "two": own.get("two"), "attributes['3 \"']": own.get('3 "')}


def mixed_items(item_of: Callable[[int], Item], count: int = 80) -> list[Item]:
    """Items whose attributes are of every kind."""
    rng = np.random.default_rng(0)
    texts: list[Any] = [None, *LITERALS["text"]]
    items = []
    for i in range(count):
        one, two, three = (VALUES[at] for at in rng.integers(0, len(VALUES), 3))
        own = {name: value for name, value in (("one", one), ("two", two), ('3 "', three)) if value is not None or i % 2}
        label, width = texts[rng.integers(0, len(texts))], int(rng.integers(0, 6))
        items.append(replace(item_of(i), label=label, width=width, size=int(rng.choice([5, 100])), attributes=own))
    return items


FILTERS = st.recursive(comparisons(), joined, max_leaves=6)
