"""Tests of lists of items and of their layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.facets import Facet
from podoba.errors import FilterError
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.listing import facet_json, items_page, layout, numbered
from podoba.serve.queries.opened import OpenedFile


def test_pages_follow_each_other(opened: OpenedFile) -> None:
    pages = [items_page(opened, "label != 'circle'", "-name", start, 10, show_paths=False) for start in (0, 10, 20, 30)]
    names = [item["name"] for page in pages for item in page["items"]]
    assert {page["total"] for page in pages} == {24}
    assert names == sorted(names, reverse=True)
    assert len(names) == 24


def test_items_by_number_come_in_the_order_of_the_numbers(opened: OpenedFile) -> None:
    found = numbered(opened, [7, 99999, 3, 7], show_paths=True)
    assert [item["number"] for item in found] == [7, 3, 7]
    assert all(item["uri"].endswith(item["name"]) for item in found)


def test_a_layout_has_numbers_and_aspects(opened: OpenedFile) -> None:
    data = layout(opened, "label == 'square'", "name")
    count = int(np.frombuffer(data, "<u4", 1)[0])
    numbers, aspects = np.frombuffer(data, "<u4", count, 4), np.frombuffer(data, "<u2", count, 4 + 4 * count)
    assert (count, len(data)) == (12, 4 + 6 * 12)
    items = numbered(opened, numbers.tolist(), show_paths=False)
    assert [item["name"] for item in items] == [f"square-{i:02}.jpg" for i in range(12)]
    assert aspects.tolist() == [round(1000 * item["width"] / item["height"]) for item in items]


def test_of_no_items_there_is_an_empty_layout(decoders: Decoders, tmp_path: Path, opened: OpenedFile) -> None:
    assert layout(opened, "width > 100000", None) == bytes(4)
    with Collection.open(tmp_path / "empty.podoba", create=True) as empty:
        assert layout(OpenedFile("empty", empty, decoders), None, None) == bytes(4)


def test_a_wrong_order_or_filter_is_said(opened: OpenedFile) -> None:
    with pytest.raises(Problem) as raised:
        layout(opened, None, "widht")
    assert (raised.value.status, raised.value.code) == (422, "wrong_sort")
    with pytest.raises(FilterError):
        items_page(opened, "widht > 3", None, 0, 10, show_paths=False)


def test_a_facet_is_told_with_its_bins() -> None:
    told = facet_json(Facet("width", "numbers", [(3, 2)], 1, 2, 3.0, 4.0, [(3.0, 3.5, 2)]))
    assert told == {
        "name": "width", "kind": "numbers", "values": [{"value": 3, "count": 2}], "missing": 1, "min": 3.0, "max": 4.0,
        "bins": [{"from": 3.0, "to": 3.5, "count": 2}], "distinct": 2,
    }  # fmt: skip
