"""Duplicates of every kind among generated photographs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection, find_duplicates, index_sources
from podoba.collection.duplicates.move import LOG, move_copies
from podoba.collection.duplicates.results import Duplicates
from podoba.collection.duplicates.small_images import FILE, small_images_of
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

Indexed = Callable[[], Collection]


def photograph(seed: int, size: tuple[int, int] = (120, 90)) -> Image.Image:
    """Smooth coloured noise with some detail."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((size[1], size[0], 3), dtype=np.float32)
    for side, weight in ((3, 1.0), (6, 0.7), (12, 0.5), (30, 0.2)):
        coarse = Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
        layers += weight * np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    return Image.fromarray((layers / 2.4).astype(np.uint8))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve different photographs as `0.png` to `11.png`."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(12):
        photograph(seed).save(folder / f"{seed}.png")
    return folder


@pytest.fixture
def indexed(photos: Path, encoder: Encoder, tmp_path: Path) -> Iterator[Indexed]:
    """Brings a collection of the photographs up to date and gives it."""
    with Collection.open(tmp_path / "photos.podoba", create=True) as collection:

        def update() -> Collection:
            index_sources(collection, [open_source(str(photos))], encoder)
            return collection

        yield update


def found(duplicates: Duplicates) -> dict[str, tuple[str, list[str]]]:
    """Name of the image that is kept: kind, and the names of its copies."""
    return {
        Path(group.keep.item.uri).name: (group.kind, [Path(copy.item.uri).name for copy in group.copies])
        for group in duplicates.groups
    }


def test_different_photographs_are_no_duplicates(indexed: Indexed) -> None:
    assert find_duplicates(indexed()).groups == []


def test_each_kind_is_told(photos: Path, indexed: Indexed) -> None:
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


def test_reasons_are_given(photos: Path, indexed: Indexed) -> None:
    photograph(2).resize((60, 45)).save(photos / "small.jpg")
    shutil.copy(photos / "7.png", photos / "twin.png")
    groups = {Path(group.keep.item.uri).name: group for group in find_duplicates(indexed()).groups}
    assert groups["2.png"].keep.reason == "kept: most pixels, 120x90"
    assert groups["2.png"].copies[0].reason == "same picture, 60x45, JPEG"
    assert groups["7.png"].copies[0].reason == "identical bytes"


def test_a_group_larger_than_the_neighbours_that_are_asked(photos: Path, indexed: Indexed) -> None:
    for number in range(15):
        photograph(0).resize((119 - number, 89 - number)).save(photos / f"copy{number}.png")
    kept = found(find_duplicates(indexed()))
    assert list(kept) == ["0.png"]
    assert len(kept["0.png"][1]) == 15


def test_a_chain_brings_together_only_what_is_alike(photos: Path, indexed: Indexed) -> None:
    """Parts from the two ends of a wide picture share nothing with each other."""
    wide = photograph(50, (240, 90))
    wide.save(photos / "wide.png")
    wide.crop((0, 0, 130, 90)).save(photos / "left.png")
    wide.crop((110, 0, 240, 90)).save(photos / "right.png")
    wide.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "wide-mirrored.png")
    for keep, (_, copies) in found(find_duplicates(indexed())).items():
        assert {"left.png", "right.png"} - {keep, *copies} or keep.startswith("wide")


def test_only_the_kinds_asked_for(photos: Path, indexed: Indexed) -> None:
    shutil.copy(photos / "0.png", photos / "same-bytes.png")
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    assert list(found(find_duplicates(collection, kinds=["identical"]))) == ["0.png"]
    assert list(found(find_duplicates(collection, kinds=["same picture"]))) == ["1.png"]
    with pytest.raises(CollectionError, match="no kind of duplicates is called 'similar'"):
        find_duplicates(collection, kinds=["similar"])


def test_a_reference_folder_is_kept(photos: Path, indexed: Indexed) -> None:
    best = photos / "best"
    best.mkdir()
    photograph(1).resize((60, 45)).save(best / "small.jpg")
    collection = indexed()
    assert "1.png" in found(find_duplicates(collection))
    groups = find_duplicates(collection, references=[str(best)]).groups
    assert Path(groups[0].keep.item.uri).name == "small.jpg"
    assert groups[0].keep.reason == "kept: in a reference folder"
    with pytest.raises(CollectionError, match="bets: no indexed image lies in this reference"):
        find_duplicates(collection, references=[str(photos / "bets")])


def test_all_copies_in_a_reference_folder_are_kept(
    photos: Path, indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_what_was_set_apart_stays_apart(photos: Path, indexed: Indexed) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    group = find_duplicates(collection).groups[0]
    items = [group.keep.item, *(copy.item for copy in group.copies)]
    assert collection.set_apart(items) == 1
    assert collection.set_apart(items) == 0
    assert find_duplicates(collection).groups == []
    (photos / "encoded.jpg").rename(photos / "renamed.jpg")
    assert find_duplicates(indexed()).groups == []


def test_pictures_are_kept_for_the_next_time(photos: Path, indexed: Indexed) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    before = find_duplicates(collection)
    for path in photos.iterdir():
        path.unlink()
    assert found(find_duplicates(collection)) == found(before)
    (collection.index.cache.folder / FILE).write_bytes(b"damaged")
    after = find_duplicates(collection)
    assert after.groups == []
    assert len(after.skipped) == 13


def test_without_items(tmp_path: Path) -> None:
    with Collection.open(tmp_path / "empty.podoba", create=True) as collection:
        assert find_duplicates(collection).groups == []
        pixels, read, skipped = small_images_of([], tmp_path)
    assert pixels.shape == (0, 32, 32, 3)
    assert not len(read)
    assert not skipped


def test_copies_are_moved_and_nothing_is_lost(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    inner = photos / "trip"
    inner.mkdir()
    photograph(1).save(inner / "encoded.jpg", quality=60)
    photograph(2).save(inner / "changed.jpg", quality=60)
    collection = indexed()
    groups = find_duplicates(collection).groups
    photograph(40).save(inner / "changed.jpg")
    away = tmp_path / "away"
    taken = away / "photos" / "trip" / "encoded.jpg"
    taken.parent.mkdir(parents=True)
    taken.write_text("of somebody else")
    encoded = (inner / "encoded.jpg").read_bytes()
    report = move_copies(collection.store, groups, away)
    assert report.moved == [(str(inner / "encoded.jpg"), str(taken.with_name("encoded-1.jpg")))]
    assert taken.read_text() == "of somebody else"
    assert taken.with_name("encoded-1.jpg").read_bytes() == encoded
    assert not (inner / "encoded.jpg").exists()
    assert [row.reason for row in report.left] == ["changed since it was indexed: index again"]
    assert str(inner / "encoded.jpg") in (away / LOG).read_text()
    assert len(collection) == 13
    again = index_sources(collection, [open_source(str(photos))], Encoder(Path(collection.store.database.fact("path") or "")))
    assert (again.vanished, again.added) == (0, 0)


def test_nothing_is_moved_where_the_kept_one_is_gone(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    groups = find_duplicates(collection).groups
    (photos / "1.png").unlink()
    report = move_copies(collection.store, groups, tmp_path / "away")
    assert report.moved == []
    assert "the one to keep" in report.left[0].reason
    assert (photos / "encoded.jpg").exists()


def test_files_are_copied_where_they_cannot_be_linked(
    photos: Path, indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    encoded = (photos / "encoded.jpg").read_bytes()
    collection = indexed()

    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    report = move_copies(collection.store, find_duplicates(collection).groups, tmp_path / "away")
    assert Path(report.moved[0][1]).read_bytes() == encoded
    assert not (photos / "encoded.jpg").exists()


def test_not_into_a_folder_that_is_indexed(photos: Path, indexed: Indexed) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    with pytest.raises(CollectionError, match="which is indexed"):
        move_copies(collection.store, find_duplicates(collection).groups, photos / "away")


def test_images_in_an_archive_are_left(encoder: Encoder, photos: Path, tmp_path: Path) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    archive = shutil.make_archive(str(tmp_path / "photos"), "zip", photos)
    with Collection.open(tmp_path / "zip.podoba", create=True) as collection:
        index_sources(collection, [open_source(archive)], encoder)
        report = move_copies(collection.store, find_duplicates(collection).groups, tmp_path / "away")
    assert report.moved == []
    assert "archive" in report.left[0].reason
