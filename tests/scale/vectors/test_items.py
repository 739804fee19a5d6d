"""Items that a server chose are compared again where it could not say all of a filter."""

from __future__ import annotations

from podoba.scale.vectors.items import MilvusItems
from podoba.scale.vectors.schema import number_of
from tests.scale.vectors.conftest import make_item, unit
from tests.scale.vectors.in_memory import InMemory

ITEMS = [make_item(row, attributes={"price": row}) for row in range(10)]


def test_the_rest_of_a_filter_is_compared_here() -> None:
    items = MilvusItems(InMemory(ITEMS, unit(10)))
    expected = [item for item in ITEMS if "0003" in item.uri or "0007" in item.uri]
    where = "'0003' in uri or '0007' in uri"
    assert items.numbers(where).tolist() == sorted(number_of(item.id) for item in expected)
    assert items.count(where) == 2
    assert {item.id for item in items.first(5, where)} == {item.id for item in expected}
    assert items.first(1, where) == [min(expected, key=lambda item: number_of(item.id))]
    assert items.first(0) == []
    assert [item.id for item in items.first(3)] == sorted((item.id for item in ITEMS), key=number_of)[:3]
