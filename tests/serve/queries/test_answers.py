"""Tests of how items are answered."""

from __future__ import annotations

import json

from podoba.collection.search.results import Hit
from podoba.collection.storage.items import Item, ItemName
from podoba.serve.queries.answers import encoded, hit_json, item_json, name_of, named_json


def test_no_place_is_told_unless_that_is_wanted() -> None:
    item = Item("1", "/home/me/кіт.jpg", "/home/me", None, "", 10, None, 30, 20, "JPEG", {"camera": "X"})
    hit = Hit(1, "1", item.uri, "cat", 0.5, None)
    for show in (False, True):
        answers = item_json(item, show), hit_json(hit, (30, 20), show), named_json(ItemName("1", item.uri, None), show)
        for answer in answers:
            assert ("/home" in json.dumps(answer)) is show
            assert answer["name"] == "кіт.jpg"


def test_names_of_any_bytes_can_be_sent() -> None:
    assert name_of("/a/archive.zip!/inner/b.jpg") == "b.jpg"
    assert encoded({"name": name_of("/a/b\udcff.jpg")}) == b'{"name":"b\\\\udcff.jpg"}'
