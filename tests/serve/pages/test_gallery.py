"""The collection of the browser tests is what the tests believe it is."""

from __future__ import annotations

from pathlib import Path

from podoba.collection.collection import Collection
from podoba.collection.search.written import parse_part


def test_the_scenes_know_words_and_have_attributes(scenes_collection: Path) -> None:
    with Collection.open(scenes_collection) as scenes:
        assert len(scenes) == 36
        assert set(scenes.store.items.attribute_names()) >= {"place", "rating", "season", "year"}
        assert scenes.count("rating == null") == 24
        assert {hit.label for hit in scenes.search(parse_part("text:sea"), k=4).hits} == {"sea"}
