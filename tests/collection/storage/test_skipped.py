"""Images that were skipped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store


def test_patterns_are_remembered_in_the_place_of_those_before(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a.podoba", create=True)
    assert store.skipped.patterns == []
    store.skipped.remember_patterns(["*.tmp.jpg", "раки/"])
    assert Store.open(tmp_path / "a.podoba", read_only=True).skipped.patterns == ["*.tmp.jpg", "раки/"]
    store.skipped.remember_patterns([])
    assert store.skipped.patterns == []


def test_skipped_images_are_remembered_replaced_and_removed(filled: Collection, item_of: Callable[[int], Item]) -> None:
    generation = filled.store.database.generation
    skipped = filled.store.skipped
    skipped.put([("/a\udcff.png", "1-2", "damaged"), ("/b.png", None, "damaged")])
    skipped.put([("/b.png", "3-4", "too large")])
    assert skipped.select() == {"/a\udcff.png": ("1-2", "damaged"), "/b.png": ("3-4", "too large")}
    skipped.remove(["/a\udcff.png", "/none.png"])
    assert skipped.select() == {"/b.png": ("3-4", "too large")}
    assert filled.store.database.generation == generation
