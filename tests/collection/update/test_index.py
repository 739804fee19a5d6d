"""What an update of a collection notices, encodes and leaves alone."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, change_model, index_sources
from podoba.collection.storage.items import Item
from podoba.collection.update.index import IndexReport
from podoba.errors import CollectionError
from podoba.images.decode import load_pixels
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.models.pipeline import SETTINGS

WritePicture = Callable[..., Path]
Update = Callable[..., IndexReport]


class Counting(Encoder):
    """An encoder that remembers how many images it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self.real, self.encoded = encoder, 0
        self.card, self.path, self.fingerprint = encoder.card, encoder.path, encoder.fingerprint
        self.on_one_thread = self

    def encode(self, images: np.ndarray, batch_size: int = 32) -> np.ndarray:
        self.encoded += len(images)
        return self.real.encode(images, batch_size)


@pytest.fixture
def counting(encoder: Encoder) -> Counting:
    return Counting(encoder)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection.open(tmp_path / "photos.podoba", create=True)


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    """Twelve pictures in two classes."""
    for i in range(12):
        picture(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", i)
    return tmp_path / "photos"


@pytest.fixture
def update(collection: Collection, counting: Counting) -> Update:
    """Index places; the report must add up, and the collection be sound and equal to the images."""

    def run(*places: Path, batch_size: int = 5) -> IndexReport:
        sources = [open_source(place) for place in places]
        before = len(collection)
        report = index_sources(collection, sources, counting, workers=2, batch_size=batch_size)
        records = {record.id: record for source in sources for record in source}
        bad = {row.uri for row in report.skipped}
        uris = {record.uri for record in records.values()}
        kinds = report.added + report.changed + report.moved + report.unchanged
        assert report.seen == len(records) == kinds + len(bad & uris)
        assert len(collection) <= before + report.added
        stored = {item.id: item for item in collection.items()}
        size = counting.card.input_size
        for record in records.values():
            if record.uri not in bad:
                pixels = load_pixels(record, size, "stretch")
                np.testing.assert_allclose(
                    collection.store.descriptors.get(record.id), counting.real.encode(pixels[None])[0], atol=1e-6
                )
                assert (stored[record.id].uri, stored[record.id].label) == (record.uri, record.label)
        return report

    return run


def own(item: Item) -> dict[str, object]:
    """Attributes that came with the image, without the date of its file."""
    return {name: value for name, value in item.attributes.items() if name != "modified"}


def numbers(report: IndexReport) -> dict[str, int]:
    names = ("added", "changed", "moved", "vanished", "unchanged")
    return {name: getattr(report, name) for name in names if getattr(report, name)} | (
        {"skipped": len(report.skipped)} if report.skipped else {}
    )


def test_new_images_are_added_once(photos: Path, update: Update, counting: Counting, collection: Collection) -> None:
    assert numbers(update(photos)) == {"added": 12}
    assert counting.encoded == 12
    generation = collection.store.database.generation
    assert numbers(update(photos)) == {"unchanged": 12}
    assert (counting.encoded, collection.store.database.generation) == (12, generation)
    item = collection.items("label == 'cats'")[0]
    assert (item.width, item.height, item.format, item.source) == (12, 10, "PNG", str(photos))
    assert item.size == Path(item.uri).stat().st_size


def test_unchanged_images_are_not_even_read(photos: Path, update: Update, encoder: Encoder, collection: Collection) -> None:
    update(photos)
    source = open_source(photos)

    def never() -> bytes:
        raise AssertionError("an unchanged image was read")

    for record in source.records:
        object.__setattr__(record, "open", never)
    assert numbers(index_sources(collection, [source], encoder)) == {"unchanged": 12}


def test_changed_touched_new_and_vanished_files_are_told_apart(
    photos: Path, update: Update, counting: Counting, picture: WritePicture
) -> None:
    update(photos)
    picture(photos / "cats" / "1.png", 100)  # other bytes
    os.utime(photos / "cats" / "3.png", (1, 1))  # same bytes, other time
    picture(photos / "cats" / "new.png", 101)
    (photos / "dogs" / "0.png").unlink()
    counting.encoded = 0
    assert numbers(update(photos)) == {"added": 1, "changed": 1, "vanished": 1, "unchanged": 10}
    assert counting.encoded == 2
    assert numbers(update(photos)) == {"unchanged": 12}


def test_moved_files_are_followed_without_encoding(
    photos: Path, tmp_path: Path, update: Update, counting: Counting, collection: Collection
) -> None:
    update(photos)
    places = {item.content: place for place, item in enumerate(collection.items())}
    (photos / "cats" / "1.png").rename(photos / "dogs" / "one.png")
    (photos / "dogs").rename(photos / "hounds")
    counting.encoded = 0
    assert numbers(update(photos)) == {"moved": 7, "unchanged": 5}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (photos / "cats" / "3.png").rename(elsewhere / "three.png")
    assert numbers(update(photos, elsewhere)) == {"moved": 1, "unchanged": 11}  # also between sources
    (elsewhere / "three.png").rename(photos / "cats" / "3.png")
    assert numbers(update(elsewhere, photos)) == {"moved": 1, "unchanged": 11}
    assert counting.encoded == 0
    assert {item.content: place for place, item in enumerate(collection.items())} == places


def test_a_folder_that_was_renamed_is_followed_by_its_new_name(
    photos: Path, tmp_path: Path, encoder: Encoder, counting: Counting, collection: Collection, other_encoder: Encoder
) -> None:
    index_sources(collection, [open_source(photos)], encoder)
    numbers_before = collection.vectors().numbers.tolist()
    shutil.copytree(photos / "cats", tmp_path / "copies")
    photos.rename(tmp_path / "pictures")
    report = index_sources(collection, [open_source(tmp_path / "pictures"), open_source(tmp_path / "copies")], counting)
    assert numbers(report) == {"moved": 12, "added": 6}
    assert counting.encoded == 0
    assert collection.vectors().numbers.tolist()[:12] == numbers_before
    assert collection.check() == []
    (tmp_path / "pictures").rename(tmp_path / "again")
    report = change_model(collection, [open_source(tmp_path / "again")], other_encoder)
    assert numbers(report) == {"unchanged": 12}
    assert collection.check() == []
    assert len(collection) == 18


def test_copies_and_exchanged_names_are_right(photos: Path, update: Update, counting: Counting, picture: WritePicture) -> None:
    update(photos)
    shutil.copy(photos / "cats" / "1.png", photos / "cats" / "copy.png")
    counting.encoded = 0
    assert numbers(update(photos)) == {"added": 1, "unchanged": 12}
    assert counting.encoded == 0
    a, b, spare = photos / "cats" / "3.png", photos / "dogs" / "4.png", photos / "spare"
    a.rename(spare)
    b.rename(a)
    spare.rename(b)
    os.utime(a, (5, 5))
    os.utime(b, (6, 6))
    assert numbers(update(photos, batch_size=1)) == {"changed": 2, "unchanged": 11}
    # The log-file turn: 5 becomes 6 and a new 5 is written.
    (photos / "cats" / "5.png").rename(photos / "cats" / "z.png")
    picture(photos / "cats" / "5.png", 105)
    assert numbers(update(photos, batch_size=1)) == {"added": 1, "changed": 1, "unchanged": 12}


def test_only_what_was_in_these_sources_vanishes(
    photos: Path, tmp_path: Path, update: Update, picture: WritePicture, collection: Collection
) -> None:
    other = picture(tmp_path / "photos2" / "a.png", 50).parent
    update(photos, other)
    shutil.rmtree(photos / "dogs")
    assert numbers(update(other)) == {"unchanged": 1}
    assert numbers(update(photos / "cats")) == {"changed": 6}  # no sub-folder there, hence no labels
    assert len(collection) == 13
    assert numbers(update(photos)) == {"changed": 6, "vanished": 6}


def test_a_split_that_is_not_listed_does_not_vanish(
    photos: Path, tmp_path: Path, collection: Collection, encoder: Encoder
) -> None:
    table = tmp_path / "list.csv"
    rows = ["path,split", *(f"photos/cats/{i}.png,{'test' if i < 5 else 'train'}" for i in (1, 3, 5, 7, 9))]
    table.write_text("\n".join(rows))
    for split, expected in (("train", {"added": 3}), ("test", {"added": 2}), ("train", {"unchanged": 3})):
        assert numbers(index_sources(collection, [open_source(table, split)], encoder)) == expected
    table.write_text("\n".join([*rows[:2], *rows[3:5]]))  # without 3.png of test and 9.png of train
    assert numbers(index_sources(collection, [open_source(table, "test")], encoder)) == {"vanished": 1, "unchanged": 1}
    assert numbers(index_sources(collection, [open_source(table)], encoder)) == {"vanished": 1, "unchanged": 3}


def test_overlapping_sources_count_each_image_once(photos: Path, update: Update, collection: Collection) -> None:
    report = update(photos, photos / "cats", photos)
    assert (report.seen, numbers(report), len(collection)) == (12, {"added": 12}, 12)


def test_a_manifest_adds_to_what_its_folder_says(
    photos: Path, tmp_path: Path, encoder: Encoder, collection: Collection, picture: WritePicture
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
    photos: Path, tmp_path: Path, update: Update, counting: Counting, collection: Collection
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


def test_an_archive_that_grows_is_not_encoded_anew(photos: Path, tmp_path: Path, update: Update, counting: Counting) -> None:
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


def test_a_bad_image_is_tried_again_only_when_it_changed(
    photos: Path, update: Update, collection: Collection, picture: WritePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = photos / "cats" / "bad.png"
    bad.write_bytes(b"nonsense")
    first = update(photos)
    assert numbers(first) == {"added": 12, "skipped": 1}
    assert (first.skipped[0].uri, list(collection.skipped())) == (str(bad), [str(bad)])
    tried: list[str] = []
    monkeypatch.setattr("podoba.collection.update.decoded_image.decode_pixels", lambda data, uri, *_: tried.append(uri))
    second = update(photos)
    assert (numbers(second), second.skipped, tried) == ({"unchanged": 12, "skipped": 1}, first.skipped, [])
    monkeypatch.undo()
    picture(bad, 60)
    assert numbers(update(photos)) == {"added": 1, "unchanged": 12}
    assert collection.skipped() == {}
    bad.write_bytes(b"nonsense again")  # an item whose image is damaged now must not answer for it any longer
    assert numbers(update(photos)) == {"unchanged": 12, "skipped": 1}
    assert len(collection) == 12
    bad.unlink()
    assert numbers(update(photos)) == {"unchanged": 12}
    assert collection.skipped() == {}


def test_a_file_that_cannot_be_read_for_now_keeps_its_item_and_is_tried_again(
    photos: Path, update: Update, collection: Collection, encoder: Encoder
) -> None:
    update(photos)
    source = open_source(photos)
    os.utime(photos / "cats" / "1.png", (1, 1))
    again = open_source(photos)
    (photos / "cats" / "1.png").rename(photos / "hidden")  # between listing and reading
    report = index_sources(collection, [again], encoder)
    assert numbers(report) == {"unchanged": 11, "skipped": 1}
    assert (len(collection), collection.skipped()) == (12, {})
    (photos / "hidden").rename(photos / "cats" / "1.png")
    assert numbers(update(photos)) == {"unchanged": 12}
    assert len(source) == 12


def test_the_model_is_remembered_and_another_refused(
    photos: Path, update: Update, collection: Collection, other_encoder: Encoder, encoder: Encoder
) -> None:
    update(photos)
    assert collection.store.models.name == str(encoder.path)
    with pytest.raises(CollectionError, match="cannot be compared"):
        index_sources(collection, [open_source(photos)], other_encoder)


def test_progress_tells_images_done_of_all(photos: Path, collection: Collection, encoder: Encoder) -> None:
    calls: list[tuple[int, int]] = []
    source = open_source(photos)
    index_sources(collection, [source], encoder, batch_size=5, on_progress=lambda _, done, total: calls.append((done, total)))
    assert calls == [(0, 12), (5, 12), (10, 12), (12, 12)]
    calls.clear()
    index_sources(collection, [source], encoder, on_progress=lambda _, done, total: calls.append((done, total)))
    assert calls == [(12, 12)]


def test_width_and_height_are_upright(tmp_path: Path, update: Update, picture: WritePicture, collection: Collection) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    picture(tmp_path / "turned" / "a.jpg", 1, size=(640, 400), exif=exif)
    update(tmp_path / "turned")
    assert (collection.items()[0].width, collection.items()[0].height) == (400, 640)


def test_an_interrupted_run_keeps_its_batches_and_the_next_goes_on(
    photos: Path, collection: Collection, encoder: Encoder, update: Update, counting: Counting
) -> None:
    def stop(_: str, done: int, total: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_sources(collection, [open_source(photos)], encoder, batch_size=3, on_progress=stop)
    assert len(collection) == 6
    assert numbers(update(photos)) == {"added": 6, "unchanged": 6}
    assert counting.encoded == 6


def test_the_report_has_the_promised_keys(photos: Path, update: Update) -> None:
    (photos / "cats" / "\udcff.png").write_bytes(b"")
    report = update(photos).to_json()
    promised = {"collection", "seen", "added", "changed", "moved", "vanished", "unchanged", "skipped", "seconds"}
    assert promised <= set(report)
    assert report["skipped"] == [{"uri": f"{photos}/cats/\\udcff.png", "reason": "the file is empty"}]
    assert report["seconds"] > 0


def test_what_the_camera_wrote_and_the_date_of_the_file_are_attributes(
    tmp_path: Path, update: Update, picture: WritePicture, collection: Collection, counting: Counting
) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nikon", "NIKON D90"
    exif.get_ifd(0x8769)[0x9003] = "2021:05:04 12:30:01"
    exif.get_ifd(0x8825).update({1: "S", 2: (50.0, 27.0, 0.0), 3: "E", 4: (30.0, 31.0, 26.4)})
    path = picture(tmp_path / "trip" / "a.jpg", 1, exif=exif)
    os.utime(path, (86400, 86400))
    update(path.parent)
    known = {"taken": "2021-05-04T12:30:01", "camera": "NIKON D90", "latitude": -50.45, "longitude": 30.524}
    assert collection.items()[0].attributes == known | {"modified": "1970-01-02T00:00:00"}
    assert len(collection.items("taken >= '2021-05' and latitude < 0")) == 1
    os.utime(path, (2 * 86400, 2 * 86400))  # what is known of the bytes is not forgotten where they are not decoded again
    assert numbers(update(path.parent)) == {"unchanged": 1}
    path.rename(path.with_name("b.jpg"))
    assert numbers(update(path.parent)) == {"moved": 1}
    assert collection.items()[0].attributes == known | {"modified": "1970-01-03T00:00:00"}
    assert numbers(update(path.parent)) == {"unchanged": 1}
    table = tmp_path / "list.csv"
    table.write_text("path,camera\ntrip/b.jpg,box\n")
    assert numbers(update(table)) == {"changed": 1}  # a column of a manifest stands over it
    assert collection.items()[0].attributes["camera"] == "box"
    assert counting.encoded == 1


def test_a_pattern_notices_what_matched_it_before_and_is_gone(photos: Path, collection: Collection, encoder: Encoder) -> None:
    pattern = photos / "*" / "*.png"
    assert numbers(index_sources(collection, [open_source(pattern)], encoder)) == {"added": 12}
    assert {item.source for item in collection.items()} == {str(pattern)}
    (photos / "cats" / "1.png").unlink()
    shutil.rmtree(photos / "dogs")
    assert numbers(index_sources(collection, [open_source(pattern)], encoder)) == {"vanished": 7, "unchanged": 5}
    folders = photos / "c*"
    assert numbers(index_sources(collection, [open_source(folders)], encoder)) == {"unchanged": 5}


def test_sources_given_as_one_notice_it_too(photos: Path, collection: Collection, encoder: Encoder) -> None:
    index_sources(collection, [open_source([photos / "cats", photos / "dogs"])], encoder)
    assert {item.source for item in collection.items()} == {str(photos / "cats"), str(photos / "dogs")}
    (photos / "cats" / "1.png").unlink()
    report = index_sources(collection, [open_source([photos / "dogs", photos / "cats"])], encoder)
    assert numbers(report) == {"vanished": 1, "unchanged": 11}


def test_at_most_so_many_batches_are_held(photos: Path, collection: Collection, encoder: Encoder) -> None:
    """The bound that the documentation states: pictures that were read and not yet written."""
    read: list[str] = []
    most = 0
    source = open_source(photos)
    for record in source.records:

        def counted(real: Callable[[], bytes] = record.open, uri: str = record.uri) -> bytes:
            read.append(uri)
            return real()

        object.__setattr__(record, "open", counted)

    def look(_: str, done: int, total: int) -> None:
        nonlocal most
        most = max(most, len(read) - done)

    index_sources(collection, [source], encoder, batch_size=1, workers=1, on_progress=look)
    assert len(read) == 12
    assert most <= SETTINGS.batches_ahead + 1  # and the one that is written


def test_the_empty_folder_of_a_disk_that_is_not_mounted_takes_nothing_with_it(
    photos: Path, tmp_path: Path, update: Update, counting: Counting
) -> None:
    update(photos)
    photos.rename(tmp_path / "away")
    photos.mkdir()
    report = update(photos)
    assert numbers(report) == {"skipped": 1}
    assert [(bad.uri, "not mounted" in bad.reason) for bad in report.skipped] == [(str(photos), True)]
    photos.rmdir()
    (tmp_path / "away").rename(photos)
    counting.encoded = 0
    assert numbers(update(photos)) == {"unchanged": 12}
    assert counting.encoded == 0
