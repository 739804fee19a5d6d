"""Which copy is kept, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.duplicates.keeper import NOWHERE, known_references, why_kept, worth
from podoba.collection.duplicates.same_file import Places
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError


def item(uri: str = "/a/1.jpg", **better: Any) -> Item:
    usual = Item("1", uri, "/a", None, "c", 1000, None, 100, 80, "JPEG", {"modified": "2020"})
    return replace(usual, **better)


@pytest.mark.parametrize(
    ("better", "reason"),
    [
        ({"width": 101, "size": 10, "attributes": {}}, "kept: most pixels, 101x80"),
        ({"format": "PNG", "size": 10, "attributes": {}}, "kept: lossless PNG"),
        ({"size": 1001, "attributes": {}}, "kept: most bytes"),
        ({"attributes": {"taken": "2019", "modified": "2021"}}, "kept: earliest"),
        ({}, "kept: the first of equals"),
    ],
)
def test_the_best_comes_first_and_says_why(better: dict[str, Any], reason: str) -> None:
    best, other = item(**better), item("/a/2.jpg")
    assert worth(best, NOWHERE) <= worth(other, NOWHERE)
    assert (worth(best, NOWHERE) < worth(other, NOWHERE)) == bool(better)
    assert why_kept(best, [other], NOWHERE) == reason


def test_a_reference_comes_before_all() -> None:
    small, large = item("/best/1.jpg", width=1), item("/a/1.jpg")
    assert worth(small, Places(["/best"])) < worth(large, Places(["/best"]))
    assert worth(small, Places(["/bes"])) > worth(large, Places(["/bes"]))
    assert why_kept(small, [large], Places(["/best"])) == "kept: in a reference folder"


def test_a_reference_in_which_nothing_lies_is_refused(filled: Collection) -> None:
    known = known_references(filled.store, ["/pictures/beach", "/pictures/town/1.jpg"])
    uris = [item.uri for item in filled.items() if known.hold(item.uri)]
    assert uris == [item.uri for item in filled.items() if "beach" in item.uri or item.uri.endswith("town/1.jpg")]
    assert not known_references(filled.store, []).hold("/pictures/beach/5.jpg")
    with pytest.raises(CollectionError, match="/pictures/tow: no indexed image lies in this reference"):
        known_references(filled.store, ["/pictures/beach", "/pictures/tow"])
