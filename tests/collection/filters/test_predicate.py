"""Filters in Python against the same filters in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from podoba.collection.collection import Collection
from podoba.collection.filters.parse import parse_filter
from podoba.collection.filters.predicate import holds
from podoba.collection.storage.items import Item
from podoba.models.encoder import Encoder
from tests.collection.filters.random_filters import FILTERS, Told, mixed_items

NAMES = ["one", "two", '3 "']
HARD = [
    "uri == '/x/й.jpg'", "'й' in uri", "uri ~= '/X/Й.jpg'", "uri < 'z'", "uri >= 'z'", "uri == one", "uri > one", "one < uri",
    "'jpg' in uri", "uri in ['/x/й.jpg', null]", "label == 'й'", "label in ['й']", "one ~= 'AB'", "label ~= one or 'A' ~= two",
    "null == null", "null != null", "1 == 1.0", "uri == label", "width < 1.5 < height", "'' in uri", "'' in label", "one == two",
    "uri == '/x/bad\\udcff.jpg'", "id in ['0000000000000003']",
]  # fmt: skip


@pytest.fixture
def hard(tmp_path: Path, encoder: Encoder, item_of: Callable[[int], Item]) -> Collection:
    """Items of every kind, some with names that are no text or not composed."""
    collection = Collection.open(tmp_path / "hard.podoba", create=True)
    collection.claim(encoder, "tiny")
    items = mixed_items(item_of)
    for row, uri in enumerate(["/x/bad\udcff.jpg", "/x/и\u0306.jpg", "/x/й.jpg", "zz"]):
        items[row] = replace(items[row], uri=uri, label="и\u0306" if row == 1 else items[row].label)
    collection.put(items, np.eye(len(items), 192, dtype=np.float32))
    return collection


@pytest.mark.parametrize("text", [one for one in HARD if "label ~= one" not in one])
def test_what_is_hard_to_compare_is_compared_as_in_sql(hard: Collection, text: str) -> None:
    condition = parse_filter(text, NAMES)
    assert [item.id for item in hard.items() if holds(condition, item)] == [item.id for item in hard.items(text)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS)
def test_any_filter_chooses_what_sql_does(hard: Collection, expression: tuple[str, Told]) -> None:
    text, _ = expression
    condition = parse_filter(text, NAMES)
    assert [item.id for item in hard.items() if holds(condition, item)] == [item.id for item in hard.items(text)]
