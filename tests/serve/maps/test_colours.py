"""Codes and legends."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.collection.map.clusters import Clusters
from podoba.serve.maps.colours import colour_by_clusters, colour_by_values
from podoba.serve.maps.settings import MapViewSettings

SETTINGS = MapViewSettings(values=3, bins=4)


def test_values_by_how_often_they_come_and_the_rare_share_a_code() -> None:
    found = colour_by_values(["b", "a", "b", None, "c", "a", "b", "d", "e"], SETTINGS)
    assert found.kind == "values"
    assert found.entries == [{"value": "b", "count": 3}, {"value": "a", "count": 2}, {"value": "c", "count": 1}]
    assert found.codes.tolist() == [1, 2, 1, 0, 3, 2, 1, 4, 4]
    assert (found.others, found.missing) == (2, 1)


def test_texts_and_numbers_together_are_texts() -> None:
    found = colour_by_values([1, "one", 1], SETTINGS)
    assert found.entries == [{"value": "1", "count": 2}, {"value": "one", "count": 1}]


def test_numbers_in_ranges_of_about_equally_many() -> None:
    values = [*range(100), None, *[1000.5] * 100]
    found = colour_by_values(values, SETTINGS)
    assert found.kind == "numbers"
    assert found.missing == 1
    assert sum(entry["count"] for entry in found.entries) == 200
    assert found.entries[-1] == {"from": 1000.5, "to": 1000.5, "count": 100}
    for code, entry in enumerate(found.entries, start=1):
        inside = [value for value, of in zip(values, found.codes, strict=True) if of == code]
        assert (min(inside), max(inside), len(inside)) == (entry["from"], entry["to"], entry["count"])
    assert found.codes[100] == 0


def test_of_few_different_numbers_each_is_a_range() -> None:
    found = colour_by_values([3, 1, 1, 3, 2], SETTINGS)
    assert found.entries == [
        {"from": 1, "to": 1, "count": 2}, {"from": 2, "to": 2, "count": 1}, {"from": 3, "to": 3, "count": 2},
    ]  # fmt: skip
    assert found.codes.tolist() == [3, 1, 1, 3, 2]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_is_known(values: list[None]) -> None:
    found = colour_by_values(values, SETTINGS)
    assert found.entries == []
    assert found.codes.tolist() == [0] * len(values)
    assert found.missing == len(values)


def test_clusters() -> None:
    found = colour_by_clusters(Clusters(np.array([1, 0, 0]), np.array([2, 1]), []))
    assert found.codes.tolist() == [2, 1, 1]
    assert found.entries == [{"value": 1, "count": 2}, {"value": 2, "count": 1}]
