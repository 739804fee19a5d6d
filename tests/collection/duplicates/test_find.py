"""Duplicates of every kind among generated photographs."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection, find_duplicates
from podoba.collection.duplicates.moving.move import move_copies
from podoba.collection.duplicates.results import Duplicates
from podoba.collection.duplicates.small_images import small_images
from podoba.collection.storage.decisions import DecidedItem
from podoba.errors import CollectionError

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]


def found(duplicates: Duplicates) -> dict[str, tuple[str, list[str]]]:
    """Name of the image that is kept: kind, and the names of its copies."""
    return {
        Path(group.keep.item.uri).name: (group.kind, [Path(copy.item.uri).name for copy in group.copies])
        for group in duplicates.groups
    }


def test_different_photographs_are_no_duplicates(indexed: Indexed) -> None:
    assert find_duplicates(indexed()).groups == []


def test_each_kind_is_told(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    pictures = [photograph(seed) for seed in range(12)]
    shutil.copy(photos / "0.png", photos / "same-bytes.png")
    pictures[1].save(photos / "encoded.jpg", quality=60)
    pictures[2].resize((60, 45)).save(photos / "small.png")
    pictures[3].transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "mirrored.jpg")
    pictures[4].transpose(Image.Transpose.ROTATE_90).save(photos / "turned.jpg")
    pictures[5].crop((10, 8, 110, 83)).save(photos / "cropped.png")
    pictures[6].point(lambda value: value * 6 // 10).save(photos / "darker.png")
    assert found(find_duplicates(indexed())) == {
        "0.png": ("identical", ["same-bytes.png"]),
        "1.png": ("same picture", ["encoded.jpg"]),
        "2.png": ("same picture", ["small.png"]),
        "3.png": ("flipped or rotated", ["mirrored.jpg"]),
        "4.png": ("flipped or rotated", ["turned.jpg"]),
        "5.png": ("cropped or edited", ["cropped.png"]),
        "6.png": ("cropped or edited", ["darker.png"]),
    }


def test_reasons_are_given(photos: Path, indexed: Indexed, detailed: Photograph) -> None:
    detailed(2).save(photos / "2.png")
    detailed(2).resize((120, 90)).save(photos / "small.jpg")
    shutil.copy(photos / "7.png", photos / "twin.png")
    groups = {Path(group.keep.item.uri).name: group for group in find_duplicates(indexed()).groups}
    assert groups["2.png"].keep.reason == "kept: most detail, 240x180"
    assert groups["2.png"].copies[0].reason == "same picture, 120x90, JPEG"
    assert groups["7.png"].copies[0].reason == "identical bytes"


def test_a_group_larger_than_the_neighbours_that_are_asked(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    for number in range(15):
        photograph(0).resize((119 - number, 89 - number)).save(photos / f"copy{number}.png")
    kept = found(find_duplicates(indexed()))
    assert list(kept) == ["0.png"]
    assert len(kept["0.png"][1]) == 15


def test_a_chain_brings_together_only_what_is_alike(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    """Parts from the two ends of a wide picture share nothing with each other."""
    wide = photograph(50, (240, 90))
    wide.save(photos / "wide.png")
    wide.crop((0, 0, 130, 90)).save(photos / "left.png")
    wide.crop((110, 0, 240, 90)).save(photos / "right.png")
    wide.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "wide-mirrored.png")
    for keep, (_, copies) in found(find_duplicates(indexed())).items():
        assert {"left.png", "right.png"} - {keep, *copies} or keep.startswith("wide")


def test_only_the_kinds_asked_for(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    shutil.copy(photos / "0.png", photos / "same-bytes.png")
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    assert list(found(find_duplicates(collection, kinds=["identical"]))) == ["0.png"]
    assert list(found(find_duplicates(collection, kinds=["same picture"]))) == ["1.png"]
    with pytest.raises(CollectionError, match="no kind of duplicates is called 'similar'"):
        find_duplicates(collection, kinds=["similar"])


def test_a_reference_folder_is_kept(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    best = photos / "best"
    best.mkdir()
    photograph(1).resize((60, 45)).save(best / "small.jpg")
    collection = indexed()
    assert "1.png" in found(find_duplicates(collection))
    groups = find_duplicates(collection, references=[str(best)]).groups
    assert Path(groups[0].keep.item.uri).name == "small.jpg"
    assert groups[0].keep.reason == "kept: in a reference folder"
    with pytest.raises(CollectionError, match="bets: no indexed image lies there"):
        find_duplicates(collection, references=[str(photos / "bets")])


def test_all_copies_in_a_reference_folder_are_kept(
    photos: Path, indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photograph: Photograph
) -> None:
    best = photos / "best"
    best.mkdir()
    for name in ("a.jpg", "b.jpg", "../c.jpg"):
        photograph(1).save(best / name, quality=95)
    photograph(1).resize((60, 45)).save(best / "small.jpg")
    collection = indexed()
    monkeypatch.chdir(best)
    group = find_duplicates(collection, references=["../best"]).groups[0]
    kept = [Path(copy.item.uri).name for copy in [group.keep, *group.copies] if copy.kept]
    assert kept == ["a.jpg", "b.jpg", "small.jpg"]
    report = move_copies(collection.store, [group], tmp_path / "away")
    assert {Path(before).name for before, _ in report.moved} == {"c.jpg", "1.png"}
    assert {path.name for path in best.iterdir()} == {"a.jpg", "b.jpg", "small.jpg"}
    with pytest.raises(CollectionError, match="which is indexed"):
        move_copies(collection.store, [group], tmp_path / "elsewhere" / ".." / "photos" / "away")


def test_what_was_set_apart_stays_apart(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    group = find_duplicates(collection).groups[0]
    items = [group.keep.item, *(copy.item for copy in group.copies)]
    assert collection.set_apart(items) == 1
    assert collection.set_apart(items) == 0
    assert find_duplicates(collection).groups == []
    (photos / "encoded.jpg").rename(photos / "renamed.jpg")
    assert find_duplicates(indexed()).groups == []


def test_files_of_the_same_bytes_that_were_kept_together_come_back_with_a_new_one_alone(photos: Path, indexed: Indexed) -> None:
    (photos / "twin.png").write_bytes((photos / "1.png").read_bytes())
    collection = indexed()
    group = find_duplicates(collection).groups[0]
    twins = [group.keep.item, group.copies[0].item]
    collection.store.decisions.add([[DecidedItem(item.id, item.picture, True) for item in twins]])
    assert find_duplicates(collection).groups == []
    (photos / "third.png").write_bytes((photos / "1.png").read_bytes())
    (again,) = find_duplicates(indexed()).groups
    assert [Path(copy.item.uri).name for copy in again.copies] == ["third.png"]


def test_without_items(tmp_path: Path) -> None:
    with Collection.open(tmp_path / "empty.podoba", create=True) as collection:
        assert find_duplicates(collection).groups == []
        pixels, read, skipped = small_images([], tmp_path)
    assert pixels.shape == (0, 32, 32, 3)
    assert not len(read)
    assert not skipped


def test_a_picture_that_is_not_whole_is_named_and_another_is_kept(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    """As one that an earlier version indexed half black: it has the most bytes, and was there first."""
    photograph(1).save(photos / "encoded.jpg", quality=60)
    photograph(1).save(photos / "again.jpg", quality=70)
    collection = indexed()
    good = next(item for item in collection.items() if item.uri.endswith("/1.png"))
    whole = (photos / "1.png").read_bytes()
    (photos / "1.png").write_bytes(whole[: len(whole) // 2])
    content = hashlib.sha256((photos / "1.png").read_bytes()).hexdigest()
    collection.store.items.change([(good.id, replace(good, content=content))])
    duplicates = find_duplicates(collection)
    assert [row.uri for row in duplicates.skipped] == [good.uri]
    [group] = duplicates.groups
    names = {Path(copy.item.uri).name for copy in [group.keep, *group.copies]}
    assert names == {"encoded.jpg", "again.jpg"}
