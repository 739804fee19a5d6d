"""What an update notices: what is new, changed, listed elsewhere or no longer listed."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.storage.items import Item
from podoba.collection.update.diff import compare_with_sources
from podoba.collection.update.index import IndexReport
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]
Update = Callable[..., IndexReport]
Numbers = Callable[[IndexReport], dict[str, int]]
Own = Callable[[Item], dict[str, object]]


class Counting(Encoder):
    """Counts the images that it encodes."""

    encoded: int


def test_only_what_was_in_these_sources_vanishes(
    photos: Path, tmp_path: Path, update: Update, picture: WritePicture, collection: Collection, numbers: Numbers
) -> None:
    other = picture(tmp_path / "photos2" / "a.png", 50).parent
    update(photos, other)
    shutil.rmtree(photos / "dogs")
    assert numbers(update(other)) == {"unchanged": 1}
    assert numbers(update(photos / "cats")) == {"changed": 6}  # no sub-folder there, hence no labels
    assert len(collection) == 13
    assert numbers(update(photos)) == {"changed": 6, "vanished": 6}


def test_one_folder_by_two_names_is_said(
    photos: Path, tmp_path: Path, collection: Collection, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "link").symlink_to(photos)
    compare_with_sources(collection.store, [open_source(photos), open_source(photos / "cats")])
    assert caplog.messages == []
    compare_with_sources(collection.store, [open_source(photos), open_source(tmp_path / "link")])
    both = f"{tmp_path / 'link'} and {photos} are one folder"
    assert caplog.messages == [f"{both}: each of its pictures is indexed under both names"]


def test_a_split_that_is_not_listed_does_not_vanish(
    photos: Path, tmp_path: Path, collection: Collection, encoder: Encoder, numbers: Numbers
) -> None:
    table = tmp_path / "list.csv"
    rows = ["path,split", *(f"photos/cats/{i}.png,{'test' if i < 5 else 'train'}" for i in (1, 3, 5, 7, 9))]
    table.write_text("\n".join(rows))
    for split, expected in (("train", {"added": 3}), ("test", {"added": 2}), ("train", {"unchanged": 3})):
        assert numbers(index_sources(collection, [open_source(table, split)], encoder)) == expected
    table.write_text("\n".join([*rows[:2], *rows[3:5]]))  # without 3.png of test and 9.png of train
    assert numbers(index_sources(collection, [open_source(table, "test")], encoder)) == {"vanished": 1, "unchanged": 1}
    assert numbers(index_sources(collection, [open_source(table)], encoder)) == {"vanished": 1, "unchanged": 3}


def test_overlapping_sources_count_each_image_once(
    photos: Path, update: Update, collection: Collection, numbers: Numbers
) -> None:
    report = update(photos, photos / "cats", photos)
    assert (report.seen, numbers(report), len(collection)) == (12, {"added": 12}, 12)


def test_a_manifest_adds_to_what_its_folder_says(
    photos: Path, tmp_path: Path, encoder: Encoder, collection: Collection, picture: WritePicture, numbers: Numbers
) -> None:
    def update(*places: Path) -> IndexReport:
        return index_sources(collection, [open_source(place) for place in places], encoder)

    picture(photos / "loose.png", 40)
    table = tmp_path / "goods.csv"
    table.write_text("path,label,price\nphotos/cats/1.png,lions,5\nphotos/loose.png,lions,7\n")
    assert numbers(update(photos, table)) == {"added": 13}
    told = {Path(item.uri).name: (item.label, item.attributes.get("price")) for item in collection.items()}
    assert told["1.png"] == ("cats", 5)  # the first that is named decides
    assert told["loose.png"] == ("lions", 7)
    assert told["2.png"] == ("dogs", None)
    assert numbers(update(photos, table)) == {"unchanged": 13}
    assert numbers(update(table, photos)) == {"changed": 1, "unchanged": 12}
    assert {item.label for item in collection.items("price > 0")} == {"lions"}


def test_labels_and_attributes_are_renewed_without_reading_images(
    photos: Path, tmp_path: Path, update: Update, counting: Counting, collection: Collection, numbers: Numbers, own: Own
) -> None:
    table = tmp_path / "list.csv"
    table.write_text("path,label,price,city\nphotos/cats/1.png,cat,3,Київ\nphotos/cats/3.png,cat,nan,\n")
    assert numbers(update(table)) == {"added": 2}
    assert [own(item) for item in collection.items()] == [{"price": 3, "city": "Київ"}, {"price": None, "city": None}]
    assert len(collection.items("price == 3 and city == 'Київ'")) == 1
    table.write_text("path,label,price,city\nphotos/cats/1.png,kitten,3,Київ\nphotos/cats/3.png,cat,4.5,\n")
    counting.encoded = 0
    assert numbers(update(table)) == {"changed": 2}
    assert counting.encoded == 0
    assert [item.label for item in collection.items()] == ["kitten", "cat"]
    table.write_text("path,label\nphotos/cats/3.png,cat\n")
    assert numbers(update(table)) == {"changed": 1, "vanished": 1}


def test_an_archive_that_grows_is_not_encoded_anew(
    photos: Path, tmp_path: Path, update: Update, counting: Counting, numbers: Numbers
) -> None:
    place = tmp_path / "photos.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for path in sorted(photos.glob("*/*.png"))[:6]:
            archive.write(path, path.relative_to(photos))
    assert numbers(update(place)) == {"added": 6}
    with zipfile.ZipFile(place, "a") as archive:
        archive.write(photos / "dogs" / "8.png", "dogs/extra.png")
    counting.encoded = 0
    assert numbers(update(place)) == {"added": 1, "unchanged": 6}
    assert counting.encoded == 1


def test_a_pattern_notices_what_matched_it_before_and_is_gone(
    photos: Path, collection: Collection, encoder: Encoder, numbers: Numbers
) -> None:
    pattern = photos / "*" / "*.png"
    assert numbers(index_sources(collection, [open_source(pattern)], encoder)) == {"added": 12}
    assert {item.source for item in collection.items()} == {str(pattern)}
    (photos / "cats" / "1.png").unlink()
    shutil.rmtree(photos / "dogs")
    assert numbers(index_sources(collection, [open_source(pattern)], encoder)) == {"vanished": 7, "unchanged": 5}
    folders = photos / "c*"
    assert numbers(index_sources(collection, [open_source(folders)], encoder)) == {"unchanged": 5}


def test_sources_given_as_one_notice_it_too(photos: Path, collection: Collection, encoder: Encoder, numbers: Numbers) -> None:
    index_sources(collection, [open_source([photos / "cats", photos / "dogs"])], encoder)
    assert {item.source for item in collection.items()} == {str(photos / "cats"), str(photos / "dogs")}
    (photos / "cats" / "1.png").unlink()
    report = index_sources(collection, [open_source([photos / "dogs", photos / "cats"])], encoder)
    assert numbers(report) == {"vanished": 1, "unchanged": 11}
