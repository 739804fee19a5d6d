"""Rules by name for which copy is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.duplicates.keeping.rules import SIMPLE, known_places, parse_rules, pixels, written
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError


def item(**other: Any) -> Item:
    usual = Item("1", "/a/1.jpg", "/a", None, "c", 1000, "1000-5000000000", 100, 80, "JPEG", {"modified": "1970-01-01T00:00:05"})
    return replace(usual, **other)


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("oldest", {"attributes": {"taken": "1969-12-31T23:00:00", "modified": "2020-01-01T00:00:00"}}),
        ("oldest", {"stamp": "1000-4999999999"}),  # within one second
        ("newest", {"attributes": {"taken": "2019-01-01T00:00:00"}}),
        ("newest", {"attributes": {"modified": "1970-01-01T00:00:06"}, "stamp": "1000-6000000000"}),
        ("largest", {"width": 101}),
        ("smallest", {"width": 99}),
        ("most-bytes", {"size": 1001}),
        ("fewest-bytes", {"size": 999}),
        ("format:png,tif", {"format": "TIFF"}),
        ("format:webp", {"format": "WEBP"}),
        ("folder:/pictures/town", {"uri": "/pictures/town/1.jpg"}),
        ("folder:/pictures/beach,/pictures/town", {"uri": "/pictures/town/9.jpg"}),
    ],
)
def test_a_rule_prefers(filled: Collection, rule: str, kept: dict[str, Any]) -> None:
    [parsed] = parse_rules(filled.store, [rule])
    assert parsed.key(item(**kept)) < parsed.key(item())


def test_lists_are_in_the_order_of_preference(filled: Collection) -> None:
    by_format, by_folder = parse_rules(filled.store, ["format: jpg, PNG", "folder:/pictures/town, /pictures/beach"])
    kinds = ["JPEG", "MPO", "PNG", "GIF"]
    assert [by_format.key(item(format=kind)) for kind in kinds] == sorted(by_format.key(item(format=kind)) for kind in kinds)
    assert by_format.key(item(format="JPEG")) == by_format.key(item(format="MPO")) < by_format.key(item(format="PNG"))
    uris = ["/pictures/town/1.jpg", "/pictures/beach/5.jpg", "/elsewhere/1.jpg"]
    keys = [by_folder.key(item(uri=uri)) for uri in uris]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("oldst", "no rule for what is kept is called 'oldst': did you mean oldest"),
        ("xyz", "there are oldest, newest, largest, smallest, most-bytes, fewest-bytes, format:, folder:"),
        ("formt:png", "did you mean format"),
        ("format", "name the formats, as in format:jpeg,png"),
        ("format:", "name the formats"),
        ("folder:", "name the folders, as in folder:/a,/b"),
        ("oldest:1", "no rule for what is kept is called 'oldest:1'"),
        ("format:pgn", "no format is called 'pgn': did you mean png"),
        ("folder:/pictures/tow", "/pictures/tow: no indexed image lies there"),
    ],
)
def test_what_is_no_rule_is_one_line(filled: Collection, text: str, message: str) -> None:
    with pytest.raises(CollectionError) as error:
        parse_rules(filled.store, [text])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_facts_come_last_whatever_is_wished() -> None:
    unknown = item(attributes={}, width=0, height=0, size=0, stamp=None)
    for name in ("oldest", "newest", "smallest", "fewest-bytes", "largest", "most-bytes"):
        assert SIMPLE[name].key(item()) < SIMPLE[name].key(unknown)
    assert pixels(unknown) == 0


@pytest.mark.parametrize("text", ["", "soon", "2020-13-45", 7, None, "0000-00-00T00:00:00"])
def test_times_that_no_calendar_has_are_unknown(text: Any) -> None:
    assert written(item(attributes={"taken": text} if text else {}))[0] == float("inf")


def test_places_are_known_one_by_one(filled: Collection) -> None:
    [beach, one] = known_places(filled.store, ["/pictures/beach", "/pictures/town/1.jpg"])
    assert beach.hold("/pictures/beach/5.jpg")
    assert not beach.hold("/pictures/town/1.jpg")
    assert one.hold("/pictures/town/1.jpg")
    assert known_places(filled.store, []) == []
    with pytest.raises(CollectionError, match="/pictures/tow: no indexed image lies there"):
        known_places(filled.store, ["/pictures/beach", "/pictures/tow"])
