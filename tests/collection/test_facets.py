"""Tests of the counts that a filter is chosen from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.columns import ColumnReader, read_columns
from podoba.collection.facets import Facet, Facets, FacetSettings, count
from podoba.collection.storage.items import Item
from podoba.errors import FilterError


def facets_of(collection: Collection, where: str | None = None) -> dict[str, Facet]:
    return {facet.name: facet for facet in Facets(collection.store, ColumnReader(collection.store)).of(where)}


@pytest.mark.parametrize("where", [None, "width > 2000", "label == 'cat'", "city == null"])
def test_counts_are_those_of_a_slow_loop(filled: Collection, where: str | None) -> None:
    items = filled.items(where)
    found = facets_of(filled, where)
    properties: dict[str, Callable[[Item], object]] = {
        "label": lambda item: item.label,
        "city": lambda item: item.attributes["city"],
    }
    for name, of in properties.items():
        counts = Counter(value for item in items if (value := of(item)) is not None)
        if not counts:
            assert name not in found
            continue
        facet = found[name]
        assert dict(facet.values) == counts
        assert [n for _, n in facet.values] == sorted(counts.values(), reverse=True)
        assert (facet.kind, facet.missing, facet.distinct) == ("values", len(items) - counts.total(), len(counts))


def test_numbers_are_counted_in_bins(filled: Collection) -> None:
    facet = facets_of(filled, "width > 0")["width"]
    widths = [item.width for item in filled.items() if item.width]
    assert (facet.kind, facet.least, facet.most, facet.missing, facet.distinct) == ("numbers", 100, 5900, 0, 59)
    assert len(facet.bins) == 20
    assert facet.values == []
    for place, (start, end, number) in enumerate(facet.bins):
        last = place == len(facet.bins) - 1
        assert number == sum(start <= width < end or (last and width == end) for width in widths)


def test_a_few_numbers_are_values_too(filled: Collection) -> None:
    facet = facets_of(filled)["height"]
    assert (facet.kind, facet.values, facet.least, facet.most) == ("numbers", [(50, 60)], 50, 50)
    assert sum(number for _, _, number in facet.bins) == 60


def test_an_attribute_that_is_a_number_here_and_a_text_there_keeps_both(filled: Collection) -> None:
    facet = facets_of(filled)["mixed"]
    assert facet.kind == "values"
    assert dict(facet.values) == {"ten": 3, 0: 1, 20: 1, 40: 1}


def test_only_the_most_frequent_values_are_listed(filled: Collection) -> None:
    columns = read_columns(filled.store)
    facet = next(facet for facet in count(columns, settings=FacetSettings(values=2)) if facet.name == "label")
    assert (len(facet.values), facet.distinct) == (2, 3)


def test_counts_follow_the_collection(filled: Collection, item_of: Callable[[int], Item]) -> None:
    facets = Facets(filled.store, ColumnReader(filled.store), FacetSettings(kept=1))
    before = facets.of()
    assert facets.of() is before
    facets.of("width > 1")
    assert facets.of() == before
    filled.put([replace(item_of(61), label="horse")], np.eye(1, 192, dtype=np.float32))
    labels = next(facet for facet in facets.of() if facet.name == "label")
    assert ("horse", 1) in labels.values


def test_a_wrong_filter_is_said(filled: Collection) -> None:
    with pytest.raises(FilterError):
        facets_of(filled, "widht > 3")
