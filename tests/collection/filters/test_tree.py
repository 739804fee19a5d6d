"""What a filter's tree says of itself."""

from podoba.collection.filters.parse import parse_filter
from podoba.collection.filters.tree import Attribute, Column, Literal, composed, values_in


def test_all_values_are_found() -> None:
    tree = parse_filter("not (label == 'a' or width in [1, 2]) and 'x' in price", ["price"])
    assert set(values_in(tree)) == {
        Column("label"), Literal("a"), Column("width"), Literal(1), Literal(2), Attribute("price"), Literal("x"),
    }  # fmt: skip


def test_kinds() -> None:
    assert [one.kind for one in (Literal(None), Literal(1.5), Literal("a"), Column("uri"), Attribute("a"))] == [
        "null", "number", "text", "text", "any",
    ]  # fmt: skip
    assert Literal("й").is_foreign
    assert not Literal("j").is_foreign
    assert composed("и\u0306") == "й"
