"""Images that were skipped."""

from __future__ import annotations

from collections.abc import Callable

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item


def test_skipped_images_are_remembered_replaced_and_removed(filled: Collection, item_of: Callable[[int], Item]) -> None:
    generation = filled.store.database.generation
    skipped = filled.store.skipped
    skipped.put([("/a\udcff.png", "1-2", "damaged"), ("/b.png", None, "damaged")])
    skipped.put([("/b.png", "3-4", "too large")])
    assert skipped.select() == {"/a\udcff.png": ("1-2", "damaged"), "/b.png": ("3-4", "too large")}
    skipped.remove(["/a\udcff.png", "/none.png"])
    assert skipped.select() == {"/b.png": ("3-4", "too large")}
    assert filled.store.database.generation == generation
