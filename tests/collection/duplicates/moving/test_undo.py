"""What was moved is put back, byte for byte, and nothing is written over."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.duplicates.moving.log import LOG, MovedFile, open_log
from podoba.collection.duplicates.moving.undo import UndoReport, undo_moves
from podoba.errors import CollectionError

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def moved(photos: Path, indexed: Indexed, tmp_path: Path, photograph: Photograph) -> tuple[Collection, dict[str, bytes]]:
    """A collection whose copies were moved, one with a companion, to `away`; and what was in the folder before."""
    (photos / "sub").mkdir()
    for seed in range(3):
        shutil.copy(photos / f"{seed}.png", photos / "sub" / f"copy{seed}.png")
    shutil.copy(photos / "0.png", photos / "odd\udcff, \n.png")
    (photos / "sub" / "copy1.xmp").write_text("edits")
    before = files_of(photos)
    collection = indexed()
    found = collection.find_duplicates(kinds=["identical"], keep=[f"folder:{photos / f'{seed}.png'}" for seed in range(3)])
    report = collection.move_copies(found, tmp_path / "away")
    assert (len(report.moved), len(report.companions), report.left) == (4, 1, [])
    return collection, before


def undo(collection: Collection) -> UndoReport:
    return collection.undo_moves(collection.path.parent / "away" / LOG)


def test_all_is_as_it_was(moved: tuple[Collection, dict[str, bytes]], photos: Path, indexed: Indexed) -> None:
    collection, before = moved
    times = {path: path.stat().st_mtime_ns for path in (collection.path.parent / "away").rglob("*.png")}
    report = undo(collection)
    assert files_of(photos) == before
    assert list(files_of(collection.path.parent / "away")) == [LOG]
    assert (len(report.back), report.already, report.left, report.sources) == (5, 0, [], [str(photos)])
    assert {(photos / "sub" / path.name).stat().st_mtime_ns for path in times if path.name.startswith("copy")} <= {
        *times.values()
    }
    assert len(indexed()) == 16
    assert collection.check() == []


def test_twice_is_once(moved: tuple[Collection, dict[str, bytes]], photos: Path) -> None:
    collection, before = moved
    undo(collection)
    report = undo(collection)
    assert (report.back, report.already, report.left, report.sources) == ([], 5, [], [])
    assert files_of(photos) == before


def test_moved_again_and_undone_again(moved: tuple[Collection, dict[str, bytes]], photos: Path, indexed: Indexed) -> None:
    collection, before = moved
    for _ in range(2):
        undo(collection)
        found = indexed().find_duplicates(kinds=["identical"])
        assert len(collection.move_copies(found, collection.path.parent / "away").moved) == 4
        assert files_of(photos) != before
    assert undo(collection).left == []
    assert files_of(photos) == before


def test_what_takes_the_place_is_never_written_over(moved: tuple[Collection, dict[str, bytes]], photos: Path) -> None:
    collection, before = moved
    (photos / "sub" / "copy0.png").write_text("another")
    (photos / "sub" / "copy2.png").symlink_to(photos / "nowhere.png")
    report = undo(collection)
    assert len(report.back) == 3
    assert {row.reason.partition(",")[0] for row in report.left} == {"another file is in its place"}
    assert (photos / "sub" / "copy0.png").read_text() == "another"
    assert files_of(collection.path.parent / "away")["photos/sub/copy0.png"] == before["sub/copy0.png"]
    (photos / "sub" / "copy0.png").unlink()
    (photos / "sub" / "copy2.png").unlink()
    assert len(undo(collection).back) == 2
    assert files_of(photos) == before


def test_what_changed_or_is_gone_is_left_and_named(moved: tuple[Collection, dict[str, bytes]]) -> None:
    collection, _ = moved
    away = collection.path.parent / "away" / "photos" / "sub"
    (away / "copy0.png").write_text("changed")
    (away / "copy1.png").unlink()
    report = undo(collection)
    assert {Path(row.uri).name: row.reason for row in report.left} == {
        "copy0.png": "changed since it was moved",
        "copy1.png": "no longer there",
    }
    assert (away / "copy0.png").read_text() == "changed"
    assert report.to_json()["left"][0]["uri"] == str(away / report.left[0].uri)


def test_a_folder_that_is_away_is_not_made(moved: tuple[Collection, dict[str, bytes]], photos: Path) -> None:
    """It may be on a disk that is not connected."""
    collection, before = moved
    (photos / "sub").rmdir()
    report = undo(collection)
    assert len(report.left) == 4
    assert all("its folder is not there" in row.reason for row in report.left)
    assert not (photos / "sub").exists()
    (photos / "sub").mkdir()
    assert undo(collection).left == []
    assert files_of(photos) == before


def test_a_file_in_both_places_is_put_back_as_after_a_kill(moved: tuple[Collection, dict[str, bytes]], photos: Path) -> None:
    collection, before = moved
    away = collection.path.parent / "away" / "photos" / "sub"
    os.link(away / "copy0.png", photos / "sub" / "copy0.png")
    shutil.copy(away / "copy2.png", photos / "sub" / "copy2.png")
    assert len(undo(collection).back) == 5
    assert files_of(photos) == before
    assert list(files_of(collection.path.parent / "away")) == [LOG]


def test_a_line_that_says_that_a_file_was_moved_to_itself_removes_nothing(filled: Collection, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"picture")
    (tmp_path / "link").symlink_to(tmp_path)
    content = hashlib.sha256(b"picture").hexdigest()
    with open_log(tmp_path) as log:
        log.add([MovedFile(str(tmp_path / "a.jpg"), str(tmp_path / "link" / "a.jpg"), content)])
    assert undo_moves(filled.store, tmp_path / LOG).already == 1
    assert (tmp_path / "a.jpg").read_bytes() == b"picture"


def test_a_list_that_is_not_there_is_one_line(filled: Collection, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"none\.csv: cannot be read"):
        filled.undo_moves(tmp_path / "none.csv")
