"""Of folders as much is kept as decides where the classes are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.images.sources.classes import find_classes
from podoba.images.sources.open import open_source
from podoba.scale.shards.folders import Outline, local_pictures

FOLDER = st.lists(st.sampled_from(["train", "test", "cat", "dog", "images"]), max_size=4).map("/".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(FOLDER, max_size=10), st.lists(FOLDER, max_size=4))
def test_an_outline_has_the_classes_of_all_folders(held: list[str], empty: list[str]) -> None:
    # A folder with nothing in it has no folder in it either.
    known = [*held, *empty]
    empty = [one for one in empty if one and one not in held and not any(other.startswith(f"{one}/") for other in known)]
    outline = Outline()
    for folder in held:
        outline.add(folder)
    for folder in empty:
        outline.add(folder, is_empty=True)
    assert outline.classes() == find_classes(held, empty)


def test_records_are_those_of_the_folder(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = list(local_pictures(photos, ["3.png"]))
    source = open_source(photos, exclude=["3.png"])
    assert [record for record, _ in found] == source.records
    assert [size for _, size in found] == [Path(record.uri).stat().st_size for record in source.records]
    for text in ("away.jpg", "splits, not classes", "left out by name"):
        assert text in caplog.text
