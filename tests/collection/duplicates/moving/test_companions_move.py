"""A picture and what belongs to it are moved together, or stay."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.duplicates.moving.log import LOG
from podoba.collection.duplicates.moving.move import move_copies
from podoba.collection.duplicates.results import Copy, Group

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]


@pytest.fixture
def copy(photos: Path) -> Path:
    """A copy of `0.png` in a folder of its own."""
    (photos / "trip").mkdir()
    shutil.copy(photos / "0.png", photos / "trip" / "copy.png")
    return photos / "trip" / "copy.png"


def move(collection: Collection, folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Names of the pictures and companions that were moved, and why others were left. What lies beside `0.png` is kept."""
    found = collection.find_duplicates(
        kinds=["identical", "same picture"], keep=["folder:" + str(collection.path.parent / "photos" / "0.png")]
    )
    report = collection.move_copies(found, folder)
    assert report.to_json()["companions"] == [{"from": before, "to": after} for before, after in report.companions]
    names = [[Path(before).name for before, _ in rows] for rows in (report.moved, report.companions)]
    return names[0], names[1], [row.reason for row in report.left]


def test_they_go_together_under_one_number(copy: Path, indexed: Indexed, tmp_path: Path) -> None:
    names = ["copy.AAE", "copy.mov", "copy.png.xmp"]
    for name in names:
        copy.with_name(name).write_text(f"of {name}")
    taken = tmp_path / "away" / "photos" / "trip" / "copy.mov"
    taken.parent.mkdir(parents=True)
    taken.write_text("of somebody else")
    data = copy.read_bytes()
    assert move(indexed(), tmp_path / "away") == (["copy.png"], names, [])
    assert {path.name for path in taken.parent.iterdir()} == {
        "copy.mov", "copy-1.png", "copy-1.AAE", "copy-1.mov", "copy-1.png.xmp"
    }  # fmt: skip
    assert taken.read_text() == "of somebody else"
    assert (taken.parent / "copy-1.png").read_bytes() == data
    assert [(taken.parent / name.replace("copy", "copy-1")).read_text() for name in names] == [f"of {name}" for name in names]
    assert list(copy.parent.iterdir()) == []
    with (tmp_path / "away" / LOG).open() as file:
        rows = list(csv.DictReader(file))
    assert [(Path(row["before"]).name, row["picture"]) for row in rows] == [
        ("copy.png", ""), *((name, str(copy)) for name in names)
    ]  # fmt: skip


def test_a_companion_of_another_picture_too_keeps_both(copy: Path, indexed: Indexed, tmp_path: Path) -> None:
    copy.with_name("copy.mov").write_text("film")
    copy.with_name("copy.heic").write_text("the same, live")
    moved, companions, left = move(indexed(), tmp_path / "away")
    assert (moved, companions) == ([], [])
    assert "its companion copy.mov is that of copy.heic too" in left[0]
    assert len(list(copy.parent.iterdir())) == 3


@pytest.mark.parametrize("unfit", ["link", "unremovable"])
def test_a_companion_that_cannot_be_moved_keeps_its_picture(
    copy: Path, indexed: Indexed, tmp_path: Path, unfit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = copy.with_name("copy.mov")
    (tmp_path / "film").write_text("film")
    if unfit == "link":
        film.symlink_to(tmp_path / "film")
    else:
        shutil.copy(tmp_path / "film", film)
        unlink = Path.unlink

        def refuse(path: Path, **options: bool) -> None:
            if path == film:
                raise PermissionError(13, "Permission denied")
            unlink(path, **options)

        monkeypatch.setattr(Path, "unlink", refuse)
    before = copy.read_bytes()
    moved, companions, left = move(indexed(), tmp_path / "away")
    assert (moved, companions) == ([], [])
    assert left[0] in ("a link", "copy.mov cannot be taken from its folder (Permission denied)")
    assert copy.read_bytes() == before
    assert film.read_text() == "film"
    assert [path for path in (tmp_path / "away").rglob("*") if path.is_file()] in ([], [tmp_path / "away" / LOG])


def test_the_copy_with_companions_is_kept_where_nothing_else_tells(copy: Path, indexed: Indexed, tmp_path: Path) -> None:
    copy.with_name("copy.dng").write_text("raw")
    collection = indexed()
    [group] = collection.find_duplicates(kinds=["identical"]).groups
    assert Path(group.keep.item.uri) == copy
    assert group.keep.reason == "kept: with the files that belong to it"
    report = collection.move_copies(collection.find_duplicates(kinds=["identical"]), tmp_path / "away")
    assert [Path(before).name for before, _ in report.moved] == ["0.png"]


def test_a_picture_is_not_moved_with_the_one_that_is_kept_for_it(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    """As a raw picture that is indexed, and the JPEG that the camera wrote beside it."""
    shutil.copy(photos / "0.png", photos / "0.dng")
    collection = indexed()
    copy = next(item for item in collection.items() if item.uri.endswith("/0.png"))
    raw = replace(copy, id="raw", uri=str(photos / "0.dng"))
    group = Group("identical", Copy(raw, "", "identical", True), [Copy(copy, "", "identical")])
    report = move_copies(collection.store, [group], tmp_path / "away")
    assert (report.moved, report.companions) == ([], [])
    assert [row.reason for row in report.left] == ["it belongs to 0.dng beside it, which is kept"]
