"""Which copy is kept, and why."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageEnhance

from podoba.collection.collection import Collection, find_duplicates
from podoba.collection.duplicates.confirm import Link
from podoba.collection.duplicates.keeping.keeper import Keepers, Wishes, order_of_twins, why_among_twins
from podoba.collection.duplicates.keeping.rules import SIMPLE
from podoba.collection.duplicates.results import SAME, Group
from podoba.collection.duplicates.same_file import Places
from podoba.collection.storage.items import Item

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]
GREY, COLOURED = np.full((32, 32, 3), 99, np.uint8), np.full((32, 32, 3), (120, 60, 20), np.uint8)
OF_A_CAMERA = {"camera": "Canon EOS", "taken": "2020-01-01T00:00:00"}


def item(uri: str = "/a/1.jpg", **better: Any) -> Item:
    usual = Item("1", uri, "/a", None, "c", 1000, None, 100, 80, "JPEG", {"modified": "2020-01-01T00:00:00"})
    return replace(usual, **better)


def keepers(items: list[Item], tmp_path: Path, wishes: Wishes | None = None, *, grey: int | None = None) -> Keepers:
    small = np.stack([GREY if row == grey else COLOURED for row in range(len(items))])
    return Keepers(items, small, wishes or Wishes(), tmp_path / "cache")


@pytest.mark.parametrize(
    ("better", "reason"),
    [
        ({"width": 101, "size": 10, "attributes": {}}, "kept: most detail, 101x80"),
        ({"height": 81, "size": 10}, "kept: most pixels, 100x81"),
        ({"attributes": OF_A_CAMERA, "size": 10}, "kept: as the camera wrote it (Canon EOS)"),
        ({"attributes": {"taken": "2019-01-01T00:00:00", "modified": "2021-01-01T00:00:00"}, "size": 10}, "kept: earliest"),
        ({"format": "PNG", "size": 10}, "kept: lossless PNG"),
        ({"size": 1001}, "kept: most bytes"),
        ({}, "kept: the first of equals"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_the_best_is_kept_and_says_why(better: dict[str, Any], reason: str, place: int, tmp_path: Path) -> None:
    items = [item("/a/2.jpg"), item("/a/3.jpg")]
    items[place] = item(**better)
    chosen = keepers(items, tmp_path)
    assert chosen.best_of({0, 1}) == (place if better else 0)
    assert chosen.why(place, [1 - place]) == reason


def test_grey_is_never_kept_over_colour(tmp_path: Path) -> None:
    items = [item(width=500, size=9999, attributes=OF_A_CAMERA), item()]
    for wishes in (Wishes(), Wishes(rules=[SIMPLE["largest"], SIMPLE["most-bytes"]])):
        chosen = keepers(items, tmp_path, wishes, grey=0)
        assert chosen.best_of([0, 1]) == 1
        assert chosen.why(1, [0]) == "kept: in colour"
    both_grey = Keepers(items, np.stack([GREY, GREY]), Wishes(), tmp_path)
    assert both_grey.best_of([0, 1]) == 0


def test_wishes_come_first_in_their_order(tmp_path: Path) -> None:
    items = [item("/best/1.jpg", width=10), item(size=5), item(width=500)]
    rules = [SIMPLE["fewest-bytes"], SIMPLE["largest"]]
    assert keepers(items, tmp_path, Wishes(Places(["/best"]), rules)).best_of([0, 1, 2]) == 0
    chosen = keepers(items, tmp_path, Wishes(rules=rules))
    assert chosen.best_of([0, 1, 2]) == 1
    assert chosen.why(1, [0, 2]) == "kept: fewest bytes"
    assert keepers(items, tmp_path, Wishes(rules=rules[::-1])).best_of([0, 1, 2]) == 2


def test_twins_are_told_by_wishes_and_by_time() -> None:
    early, late = item(stamp="1-1"), item("/best/1.jpg", stamp="1-2")
    assert order_of_twins(early, Wishes()) < order_of_twins(late, Wishes())
    assert why_among_twins(early, [late], Wishes()) == "kept: earliest"
    best = Wishes(Places(["/best"]))
    assert order_of_twins(late, best) < order_of_twins(early, best)
    assert why_among_twins(late, [early], best) == "kept: in a reference folder"
    newest = Wishes(rules=[SIMPLE["newest"]])
    assert order_of_twins(late, newest) < order_of_twins(early, newest)


def test_only_what_is_undecided_is_read(tmp_path: Path) -> None:
    """None of the files is there: reading one would find nothing, and be reported as done."""
    taken = item(attributes=OF_A_CAMERA)
    pairs = {
        "decided by the camera": ([taken, item()], 0),
        "the larger one is a camera's": ([replace(taken, width=400), item()], 0),
        "the smaller one is a camera's": ([taken, item(width=400)], 1),
        "neither is": ([item(), item(width=400)], 1),
        "of one size": ([item(), item("/a/2.jpg")], 1),
        "both of a camera": ([taken, taken], 1),
        "too large": ([item(width=100_000, height=9000), item(width=100_000, height=9000)], 0),
    }
    for name, (items, expected) in pairs.items():
        read: list[int] = []
        keepers(items, tmp_path).measure([Link(0, 1, SAME, "")], on_progress=lambda _, done, all_: read.append(all_))  # noqa: B023
        assert sum(read) == expected, name
    wished: list[int] = []
    chosen = keepers([item(), item(width=400)], tmp_path, Wishes(rules=[SIMPLE["largest"]]))
    chosen.measure([Link(0, 1, SAME, "")], on_progress=lambda *_: wished.append(1))
    chosen.measure([Link(0, 1, SAME + 1, "")], on_progress=lambda *_: wished.append(1))
    assert not wished


def camera_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Canon", "EOS"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2020:01:02 03:04:05"
    return exif


def save(picture: Image.Image, path: Path, modified: float, **options: Any) -> None:
    picture.save(path, **options)
    os.utime(path, (modified, modified))


def group_of(collection: Collection, **options: Any) -> Group:
    [group] = find_duplicates(collection, kinds=["same picture"], **options).groups
    return group


@pytest.mark.parametrize("exif", [True, False])
def test_an_original_is_kept_over_all_that_was_made_of_it(
    photos: Path, indexed: Indexed, detailed: Photograph, exif: bool
) -> None:
    """Copies have more bytes, more pixels, a lossless format; with nothing in EXIF to go by all are a little younger."""
    picture, options = detailed(70), {"exif": camera_exif()} if exif else {}
    save(picture, photos / "original.jpg", 1000, quality=88, **options)
    with Image.open(photos / "original.jpg") as original:
        pixels = original.convert("RGB")
    younger = 500 if exif else 2000
    save(pixels, photos / "copy.png", younger)
    save(pixels.resize((480, 360), Image.Resampling.BICUBIC), photos / "enlarged.jpg", younger, quality=95)
    save(pixels, photos / "saved-again.jpg", younger, quality=99)
    save(pixels.resize((120, 90)), photos / "small.jpg", younger, quality=95, **options)
    group = group_of(indexed())
    assert Path(group.keep.item.uri).name == "original.jpg"
    assert len(group.copies) == 4


@pytest.mark.parametrize("then", [80, 95, 100])
def test_a_jpeg_saved_again_is_told_whatever_its_time_and_exif(
    photos: Path, indexed: Indexed, detailed: Photograph, then: int
) -> None:
    save(detailed(71), photos / "original.jpg", 3000, quality=90, exif=camera_exif())
    with Image.open(photos / "original.jpg") as original:
        save(original, photos / "again.jpg", 1000, quality=then, exif=camera_exif())
    group = group_of(indexed())
    assert Path(group.keep.item.uri).name == "original.jpg"
    assert group.keep.reason == "kept: the other was made from it"


@pytest.mark.parametrize("exif", [True, False])
def test_a_larger_original_is_kept_over_its_thumbnail(photos: Path, indexed: Indexed, detailed: Photograph, exif: bool) -> None:
    """Though the thumbnail is older, and even says which camera took it."""
    options = {"exif": camera_exif()} if exif else {}
    save(detailed(72).resize((150, 112)), photos / "thumbnail.jpg", 1000, quality=100, **options)
    save(detailed(72), photos / "original.jpg", 3000, quality=70)
    group = group_of(indexed())
    assert Path(group.keep.item.uri).name == "original.jpg"
    assert group.keep.reason == "kept: most detail, 240x180"


def test_a_jpeg_of_a_lossless_original_is_not_kept(photos: Path, indexed: Indexed, detailed: Photograph) -> None:
    save(detailed(73), photos / "jpeg.jpg", 1000, quality=98)
    save(detailed(73), photos / "original.png", 3000)
    assert Path(group_of(indexed()).keep.item.uri).name == "original.png"


@pytest.mark.parametrize(
    "edit",
    [
        lambda picture: picture.convert("L"),
        lambda picture: ImageEnhance.Color(picture).enhance(0.1),
        lambda picture: ImageEnhance.Color(picture).enhance(2.5),
        lambda picture: ImageEnhance.Brightness(picture).enhance(0.8),
        lambda picture: with_sticker(picture),
    ],
    ids=["grey", "faded", "saturated", "darker", "sticker"],
)
@pytest.mark.parametrize("exif", [True, False])
def test_an_edited_copy_does_not_win_by_its_bytes(
    photos: Path, indexed: Indexed, detailed: Photograph, edit: Callable[[Image.Image], Image.Image], exif: bool
) -> None:
    """The one of a camera is kept though it is younger by its file; without EXIF the older one is, and colour at any rate."""
    picture = detailed(75)
    save(picture, photos / "original.jpg", 3000 if exif else 1000, quality=80, **({"exif": camera_exif()} if exif else {}))
    save(edit(picture), photos / "edited.png", 2000)
    groups = find_duplicates(indexed()).groups
    assert [Path(group.keep.item.uri).name for group in groups] == ["original.jpg"]
    assert (photos / "edited.png").stat().st_size > (photos / "original.jpg").stat().st_size


def with_sticker(picture: Image.Image) -> Image.Image:
    edited = picture.copy()
    edited.paste((250, 220, 0), (20, 20, 90, 80))
    return edited


def test_rules_by_name_count_before_what_is_measured(photos: Path, indexed: Indexed, detailed: Photograph) -> None:
    save(detailed(74), photos / "original.png", 3000)
    save(detailed(74), photos / "copy.jpg", 1000, quality=90)
    collection = indexed()
    for rules, kept in ((["oldest"], "copy.jpg"), (["format:png", "oldest"], "original.png"), (["fewest-bytes"], "copy.jpg")):
        assert Path(group_of(collection, keep=rules).keep.item.uri).name == kept


def test_what_was_decided_comes_before_rules_and_after_references(tmp_path: Path) -> None:
    items = [item(id="1"), item(id="2", width=50), item("/best/3.jpg", id="3", width=50)]
    decided = {(one.id, one.picture): one.id == "2" for one in items[:2]}
    assert keepers(items, tmp_path, Wishes(rules=[SIMPLE["largest"]], decided=decided)).best_of([0, 1, 2]) == 1
    assert keepers(items, tmp_path, Wishes(Places(["/best"]), decided=decided)).best_of([0, 1, 2]) == 2
    assert why_among_twins(items[1], [items[0]], Wishes(decided=decided)) == "kept: as was decided"
    changed = Wishes(decided={("1", "other bytes"): False})
    assert why_among_twins(items[0], [items[1]], changed) == "kept: the first of equals"
