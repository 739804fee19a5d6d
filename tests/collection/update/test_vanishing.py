"""Images that are no longer listed: which are forgotten, and which are kept because they are only away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.storage.items import Item
from podoba.collection.update.index import IndexReport
from podoba.collection.update.vanishing import Gone, UpdateSettings, folders_without_pictures, judge
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]
Numbers = Callable[[IndexReport], dict[str, int]]
Run = Callable[..., IndexReport]


@pytest.fixture
def run(collection: Collection, encoder: Encoder) -> Run:
    """Index specs with settings."""

    def index(*specs: Path | str, exclude: list[str] | None = None, **settings: object) -> IndexReport:
        chosen = UpdateSettings(**settings)  # type: ignore[arg-type]
        opened = [open_source(spec, exclude=exclude or ()) for spec in specs]
        return index_sources(collection, opened, encoder, settings=chosen)

    return index


def unmount(folder: Path, away: Path, leaves: str = "") -> Path:
    """Take what is in a folder away, as a disk is unmounted; something may be left in it."""
    folder.rename(away)
    folder.mkdir()
    if leaves.endswith("/"):
        (folder / leaves).mkdir()
    elif leaves:
        (folder / leaves).write_text("x")
    return away


@pytest.mark.parametrize("leaves", ["", ".DS_Store", "lost+found/", "notes.txt", "@eaDir/"])
@pytest.mark.parametrize("which", ["root", "below"])
def test_a_folder_without_any_picture_left_is_away_and_comes_back(
    photos: Path, tmp_path: Path, collection: Collection, run: Run, numbers: Numbers, leaves: str, which: str
) -> None:
    run(photos)
    folder = photos if which == "root" else photos / "cats"
    away = unmount(folder, tmp_path / "away", leaves)
    report = run(photos)
    kept = 12 if which == "root" else 6
    assert numbers(report) == ({"unchanged": 6} if which == "below" else {})
    assert report.away == {str(folder): kept}
    assert report.in_words()[-1] == (f"away: {kept} pictures below {folder}: no picture is left there; --vanished forgets them")
    assert len(collection) == 12
    shutil.rmtree(folder)
    away.rename(folder)
    again = run(photos)
    assert (numbers(again), again.away) == ({"unchanged": 12}, {})
    unmount(folder, tmp_path / "away")
    assert numbers(run(photos, remove_vanished=True)).get("vanished") == kept


@pytest.mark.parametrize("first", ["manifest", "folder"])
def test_what_a_manifest_lists_and_is_not_there_leaves_its_folder_without_pictures(
    photos: Path, tmp_path: Path, collection: Collection, run: Run, first: str
) -> None:
    cats = sorted((photos / "cats").iterdir())
    (tmp_path / "some.csv").write_text("\n".join(["path", *map(str, cats[:2])]))
    specs = [tmp_path / "some.csv", photos] if first == "manifest" else [photos, tmp_path / "some.csv"]
    run(*specs)
    unmount(photos / "cats", tmp_path / "away")
    report = run(*specs)
    assert (report.vanished, report.away, len(report.skipped)) == (0, {str(photos / "cats"): 4}, 2)
    assert len(collection) == 12


def test_a_folder_deep_inside_the_mount_is_found_by_what_is_left_of_it(tmp_path: Path, run: Run, picture: WritePicture) -> None:
    for i in range(4):
        picture(tmp_path / "photos" / "usb" / "2024" / f"{i}" / "a.png", i)
        picture(tmp_path / "photos" / "home" / f"{i}.png", 10 + i)
    run(tmp_path / "photos")
    shutil.rmtree(tmp_path / "photos" / "usb" / "2024")
    assert run(tmp_path / "photos").away == {str(tmp_path / "photos" / "usb"): 4}
    (tmp_path / "photos" / "usb").rmdir()  # the folder itself was removed, beside others that have pictures
    report = run(tmp_path / "photos")
    assert (report.away, report.vanished) == ({}, 4)


def test_a_pattern_without_a_match_in_a_folder_that_is_there_keeps_its_items(
    photos: Path, tmp_path: Path, collection: Collection, run: Run, numbers: Numbers
) -> None:
    pattern = f"{photos}/*"
    run(pattern)
    shutil.rmtree(photos / "cats")
    away = unmount(photos / "dogs", tmp_path / "away")
    report = run(pattern)
    # Nothing is left of cats, and no picture in photos at all: where they were there is nothing to be seen of them.
    assert (numbers(report), report.away) == ({}, {str(photos): 6, str(photos / "dogs"): 6})
    shutil.rmtree(photos / "dogs")
    away.rename(photos / "dogs")
    report = run(pattern)
    assert (numbers(report), report.away) == ({"vanished": 6, "unchanged": 6}, {})
    assert len(collection) == 6


def test_a_link_that_leads_nowhere_now_keeps_what_was_behind_it(
    tmp_path: Path, photos: Path, collection: Collection, run: Run, numbers: Numbers, picture: WritePicture
) -> None:
    disk = picture(tmp_path / "disk" / "a.png", 40).parent
    (photos / "disk").symlink_to(disk)
    (photos / "one.png").symlink_to(picture(tmp_path / "disk2" / "b.png", 41))
    run(photos)
    disk.rename(tmp_path / "gone")
    (tmp_path / "disk2").rename(tmp_path / "gone2")
    report = run(photos)
    assert numbers(report) == {"unchanged": 12, "skipped": 2}
    assert {row.uri for row in report.skipped} == {str(photos / "disk"), str(photos / "one.png")}
    assert len(collection) == 14
    assert numbers(run(photos, remove_vanished=True)) == {"unchanged": 12, "skipped": 2}


@pytest.mark.parametrize(("pictures", "taken", "held_back"), [(300, 30, 0), (300, 31, 31), (100, 20, 0), (100, 21, 21)])
def test_more_than_a_tenth_at_once_is_doubted(
    tmp_path: Path, collection: Collection, encoder: Encoder, pictures: int, taken: int, held_back: int
) -> None:
    items = [
        Item(f"{i:016x}", f"{tmp_path}/all/{i}.png", str(tmp_path), None, f"{i:064x}", 1, "1-1", 9, 9, "PNG")
        for i in range(pictures)
    ]
    gone = Gone(items[:taken], {}, set(), pictures)
    verdict = judge(gone, gone.items, UpdateSettings())
    assert (verdict.held_back, len(verdict.removed)) == (held_back, taken - held_back)
    assert len(judge(gone, gone.items, UpdateSettings(remove_vanished=True)).removed) == taken


def test_nothing_is_removed_where_too_many_vanish_and_new_pictures_are_added_all_the_same(
    photos: Path, collection: Collection, run: Run, numbers: Numbers, picture: WritePicture
) -> None:
    run(photos)
    for path in sorted(photos.glob("*/*.png"))[:4]:
        path.unlink()
    picture(photos / "dogs" / "new.png", 99)
    report = run(photos, doubted_number=3)
    assert (numbers(report), report.held_back) == ({"added": 1, "unchanged": 8}, 4)
    assert "kept: 4 pictures are no longer there" in report.in_words()[-1]
    assert len(collection) == 13
    assert report.to_json()["held_back"] == 4
    assert numbers(run(photos, doubted_number=3, remove_vanished=True)) == {"vanished": 4, "unchanged": 9}


def test_pictures_of_a_folder_that_is_away_follow_to_where_they_are_now(
    photos: Path, tmp_path: Path, collection: Collection, run: Run, numbers: Numbers
) -> None:
    run(photos)
    (photos / "kept").mkdir()
    for path in (photos / "cats").iterdir():
        path.rename(photos / "kept" / path.name)
    report = run(photos)
    assert (numbers(report), report.away) == ({"moved": 6, "unchanged": 6}, {})
    assert len(collection) == 12


def test_what_is_left_out_by_name_is_forgotten_without_a_doubt(
    photos: Path, collection: Collection, run: Run, numbers: Numbers
) -> None:
    run(photos)
    report = run(photos, exclude=["cats/"], doubted_number=3)
    assert (numbers(report), report.away, report.held_back) == ({"vanished": 6, "unchanged": 6}, {}, 0)
    assert (report.beside.excluded, report.to_json()["excluded"]) == (1, 1)
    assert {item.label for item in collection.items()} == {"dogs"}


def test_a_row_that_a_manifest_lists_no_longer_has_vanished(
    photos: Path, tmp_path: Path, collection: Collection, run: Run, numbers: Numbers
) -> None:
    table = tmp_path / "list.csv"
    table.write_text("path\nphotos/cats/1.png\nphotos/cats/3.png\n")
    run(table)
    (photos / "cats" / "1.png").unlink()
    (photos / "cats" / "3.png").rename(photos / "cats" / "x.jpeg")
    table.write_text("path\nphotos/dogs/0.png\n")
    report = run(table)
    assert (numbers(report), report.away) == ({"added": 1, "vanished": 2}, {})


def test_items_keep_their_descriptors_while_they_are_away_and_another_model_waits_for_them(
    photos: Path, tmp_path: Path, collection: Collection, run: Run, other_encoder: Encoder
) -> None:
    run(photos)
    before = {item.id: collection.store.descriptors.get(item.id) for item in collection.items()}
    unmount(photos / "cats", tmp_path / "away")
    run(photos)
    after = {item.id: collection.store.descriptors.get(item.id) for item in collection.items()}
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[id_], after[id_]) for id_ in before)
    with pytest.raises(CollectionError, match=r"6 images cannot be read, such as .*: bring them back or forget them"):
        collection.change_model([open_source(photos)], other_encoder)
    changed = collection.change_model([open_source(photos)], other_encoder, settings=UpdateSettings(remove_vanished=True))
    assert (len(collection), changed.unchanged) == (6, 6)


def test_where_a_picture_was_is_followed_up_to_a_folder_that_is_there(tmp_path: Path) -> None:
    for name in ("kept/a.png", "emptied/b.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    names = [
        "kept/x.png",
        "kept/deep/er/x.png",
        "emptied/x.png",
        "emptied/deep/x.png",
        "broken/x.png",
        "file/x.png",
        "kept/a.png",
    ]
    items = [Item(name, f"{tmp_path}/{name}", "", None, "", 0, None, 0, 0, "") for name in names]
    found = folders_without_pictures(items, [f"{tmp_path}/kept/a.png"])
    emptied = f"{tmp_path}/emptied"
    assert found == {"emptied/x.png": emptied, "emptied/deep/x.png": emptied, "broken/x.png": ""}
    nothing_listed = folders_without_pictures(items[:2], [])
    assert nothing_listed == {"kept/x.png": f"{tmp_path}/kept", "kept/deep/er/x.png": f"{tmp_path}/kept"}


def test_what_cannot_be_looked_into_keeps_its_items_whatever_is_said(
    photos: Path, tmp_path: Path, run: Run, numbers: Numbers
) -> None:
    run(photos)
    (photos / "cats").rename(tmp_path / "away")
    (photos / "cats").symlink_to("cats")  # a link to itself: an error of the system, as of a disk that does not answer
    report = run(photos, remove_vanished=True)
    assert (numbers(report), report.away) == ({"unchanged": 6, "skipped": 1}, {})
    assert report.skipped[0].uri == str(photos / "cats")
