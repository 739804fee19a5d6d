"""Nothing is moved into a folder of the collection, by whatever path it is named."""

from __future__ import annotations

from pathlib import Path

from podoba.collection.duplicates.moving.places import IndexedFolders, source_of
from podoba.collection.storage.items import Item


def item(uri: Path | str, source: Path | str) -> Item:
    return Item("1", str(uri), str(source), None, "", 0, None, 0, 0, "")


def test_folders_around_a_place_are_known_by_every_path(tmp_path: Path) -> None:
    deep = tmp_path / "photos" / "2020" / "may"
    deep.mkdir(parents=True)
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "photos" / "more").symlink_to(other)
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    (tmp_path / "inner").symlink_to(deep)
    indexed = IndexedFolders(
        [item(deep / "a.jpg", tmp_path / "photos"), item(tmp_path / "photos" / "more" / "b.jpg", tmp_path / "photos")]
    )
    inside = ["photos", "photos/new", "photos/2020/new", "link/new/newer", "inner/new", "other/new", "link/../photos/new"]
    assert [place for place in inside if indexed.around(tmp_path / place) is None] == []
    outside = ["", "new", "photos-away", "others/new"]
    assert [place for place in outside if indexed.around(tmp_path / place) is not None] == []


def test_what_holds_an_archive_is_no_indexed_folder(tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"")
    uri = tmp_path / "photos.zip"
    indexed = IndexedFolders([item(f"{uri}!/a/b.jpg", uri), item("digits:test!/1", "digits:test")])
    assert indexed.around(tmp_path / "moved") is None


def test_the_folder_of_files_that_a_table_lists_is_one(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "list.csv").write_text("")
    indexed = IndexedFolders([item(tmp_path / "photos" / "a.jpg", tmp_path / "list.csv")])
    assert indexed.around(tmp_path / "photos" / "new") == str(tmp_path / "photos")
    assert indexed.around(tmp_path / "new") is None


def test_a_source_of_which_one_split_was_listed() -> None:
    assert source_of(item("/a/b.jpg", "/a//split=train")) == Path("/a")
    assert source_of(item("/a/b.jpg", "/a")) == Path("/a")
