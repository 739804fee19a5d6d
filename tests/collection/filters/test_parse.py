"""The tree of a filter."""

from __future__ import annotations

import pytest

from podoba.collection.filters.parse import parse_filter
from podoba.collection.filters.tree import Attribute, Column, Comparison, Condition, Contains, Joined, Listed, Literal, Not
from podoba.errors import FilterError


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("label == 'cat'", Comparison(Column("label"), "==", Literal("cat"))),
        ("1 < width <= 2.5", Joined((
            Comparison(Literal(1), "<", Column("width")), Comparison(Column("width"), "<=", Literal(2.5)),
        ), "all")),
        ("not price in [1, null]", Not(Listed(Attribute("price"), (Literal(1), Literal(None))))),
        ("'a' not in uri", Not(Contains(Column("uri"), Literal("a")))),
        ("label ~= 'Кіт' or width == -1", Joined((
            Comparison(Column("label"), "~=", Literal("Кіт")), Comparison(Column("width"), "==", Literal(-1)),
        ), "any")),
        ("label == 'и\u0306'", Comparison(Column("label"), "==", Literal("й"))),
        ("width < 99999999999999999999", Comparison(Column("width"), "<", Literal(1e20))),
    ],
)  # fmt: skip
def test_a_filter_is_read(text: str, tree: Condition) -> None:
    assert parse_filter(text, ["price"]) == tree


def test_what_is_not_understood_is_named() -> None:
    with pytest.raises(FilterError, match="did you mean price"):
        parse_filter("prise > 3", ["price"])
