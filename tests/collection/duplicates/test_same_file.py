"""One file is one picture, whatever path leads to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from podoba.collection.collection import Collection, find_duplicates, index_sources
from podoba.collection.duplicates.same_file import Places, each_file_once, identity_of, is_same_entry, is_same_file
from podoba.images.sources.base import record_id
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder


def test_what_leads_to_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "a.jpg").write_text("a")
    (folder / "copy.jpg").write_text("a")
    os.link(folder / "a.jpg", folder / "hard.jpg")
    (folder / "soft.jpg").symlink_to(folder / "a.jpg")
    (tmp_path / "link").symlink_to(folder)
    names = {name: str(folder / name) for name in ("a.jpg", "copy.jpg", "hard.jpg", "soft.jpg", "none.jpg")}
    one = {name for name, path in names.items() if is_same_file(path, names["a.jpg"])}
    assert one == {"a.jpg", "hard.jpg", "soft.jpg"}
    assert not is_same_file(names["none.jpg"], names["none.jpg"])
    assert identity_of(tmp_path / "link") == identity_of(folder)
    assert is_same_entry(tmp_path / "link" / "a.jpg", folder / "A.JPG")
    assert not is_same_entry(folder / "hard.jpg", folder / "a.jpg")
    assert not is_same_entry(tmp_path / "none" / "a.jpg", folder / "a.jpg")


def test_places_hold_what_lies_in_them_by_whatever_path(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    for given in (folder, tmp_path / "link"):
        for named in (folder, tmp_path / "link"):
            assert Places([str(given)]).hold(str(named / "sub" / "a.jpg"))
            assert Places([str(given / "sub" / "a.jpg")]).hold(str(named / "sub" / "a.jpg"))
        assert not Places([str(given)]).hold(str(tmp_path / "real-not" / "a.jpg"))
    assert not Places().hold(str(folder))


def index(folder: Path, encoder: Encoder, *names: str) -> Collection:
    collection = Collection.open(folder / "c.podoba", create=True)
    index_sources(collection, [open_source(str(folder / name)) for name in names], encoder)
    return collection


def test_two_roots_of_one_folder_hold_no_duplicates(linked: Path, encoder: Encoder) -> None:
    with index(linked, encoder, "real", "link") as collection:
        assert len(collection) == 6
        assert find_duplicates(collection).groups == []


def test_a_hard_link_and_a_link_are_no_duplicates_of_their_file(linked: Path, encoder: Encoder) -> None:
    os.link(linked / "real" / "0.jpg", linked / "real" / "hard.jpg")
    (linked / "real" / "soft.jpg").symlink_to(linked / "real" / "1.jpg")
    with index(linked, encoder, "real") as collection:
        assert len(collection) == 5
        assert find_duplicates(collection).groups == []


def test_a_true_copy_is_found_once_beside_two_names_of_one_file(linked: Path, encoder: Encoder) -> None:
    shutil.copy(linked / "real" / "0.jpg", linked / "real" / "copy.jpg")
    (linked / "real" / "+soft.jpg").symlink_to(linked / "real" / "1.jpg")  # listed before the file, and yet does not stand for it
    shutil.copy(linked / "real" / "1.jpg", linked / "real" / "another.jpg")
    with index(linked, encoder, "real", "link") as collection:
        groups = find_duplicates(collection).groups
        names = sorted(sorted(Path(copy.item.uri).name for copy in [group.keep, *group.copies]) for group in groups)
        assert names == [["0.jpg", "copy.jpg"], ["1.jpg", "another.jpg"]]


def test_the_name_in_a_reference_stands_for_a_file(linked: Path, encoder: Encoder) -> None:
    shutil.copy(linked / "real" / "0.jpg", linked / "real" / "copy.jpg")
    (linked / "best").mkdir()
    (linked / "best" / "soft.jpg").symlink_to(linked / "real" / "copy.jpg")
    with index(linked, encoder, "real", "best") as collection:
        [group] = find_duplicates(collection, references=[str(linked / "best")]).groups
        assert Path(group.keep.item.uri).name == "soft.jpg"
        assert [Path(copy.item.uri).name for copy in group.copies] == ["0.jpg"]


def test_a_file_is_no_copy_of_itself_where_only_one_of_its_items_has_known_bytes(linked: Path, encoder: Encoder) -> None:
    with index(linked, encoder, "real") as collection:
        known = collection.items()[0]
        uri = str(linked / "link" / "0.jpg")
        collection.put([replace(known, id=record_id(uri), uri=uri, content="")], collection.store.descriptors.get(known.id)[None])
        assert len(collection) == 4
        assert find_duplicates(collection).groups == []


def test_items_that_are_no_files_are_each_their_own(item_of: Callable[[int], object]) -> None:
    items = [item_of(number) for number in range(3)]
    assert each_file_once(items, Places()) == items  # type: ignore[arg-type]
    assert np.unique([item.id for item in items]).size == 3  # type: ignore[attr-defined]
