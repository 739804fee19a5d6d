"""What was found, kept beside the collection."""

from __future__ import annotations

from pathlib import Path

from podoba.serve.review.found import Found, FoundGroup, FoundItem, load, save, stamp_of


def test_what_is_saved_is_loaded_and_has_another_stamp(tmp_path: Path) -> None:
    item = FoundItem("id", "sha", "near", "kept: größer \\udcff", True)
    first = Found(["near"], None, 3, "2026-01-01T00:00:00", 0, [FoundGroup("near", [item])])
    assert stamp_of(tmp_path / "cache") is None
    save(first, tmp_path / "cache")
    assert load(tmp_path / "cache") == first
    before = stamp_of(tmp_path / "cache")
    save(Found(["near"], "label == 'x'", 4, "2026-01-01T00:00:01", 1, []), tmp_path / "cache")
    assert stamp_of(tmp_path / "cache") != before
