"""What an update of a collection encodes, writes and reports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.update.index import IndexReport
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import NO_DESCRIPTOR, Encoder
from podoba.models.pipeline import SETTINGS

WritePicture = Callable[..., Path]
Update = Callable[..., IndexReport]
Numbers = Callable[[IndexReport], dict[str, int]]


class Counting(Encoder):
    """Counts the images that it encodes."""

    encoded: int


def test_new_images_are_added_once(
    photos: Path, update: Update, counting: Counting, collection: Collection, numbers: Numbers
) -> None:
    assert numbers(update(photos)) == {"added": 12}
    assert counting.encoded == 12
    generation = collection.store.database.generation
    assert numbers(update(photos)) == {"unchanged": 12}
    assert (counting.encoded, collection.store.database.generation) == (12, generation)
    item = collection.items("label == 'cats'")[0]
    assert (item.width, item.height, item.format, item.source) == (12, 10, "PNG", str(photos))
    assert item.size == Path(item.uri).stat().st_size


def test_unchanged_images_are_not_even_read(
    photos: Path, update: Update, encoder: Encoder, collection: Collection, numbers: Numbers
) -> None:
    update(photos)
    source = open_source(photos)

    def never() -> bytes:
        raise AssertionError("an unchanged image was read")

    for record in source.records:
        object.__setattr__(record, "open", never)
    assert numbers(index_sources(collection, [source], encoder)) == {"unchanged": 12}


def test_changed_touched_new_and_vanished_files_are_told_apart(
    photos: Path, update: Update, counting: Counting, picture: WritePicture, numbers: Numbers
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


def test_a_bad_image_is_tried_again_only_when_it_changed(
    photos: Path, update: Update, collection: Collection, picture: WritePicture, monkeypatch: pytest.MonkeyPatch, numbers: Numbers
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
    photos: Path, update: Update, collection: Collection, encoder: Encoder, numbers: Numbers
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


def test_an_image_without_a_descriptor_stops_nothing_and_is_named_every_time(
    photos: Path,
    collection: Collection,
    half_blind: Encoder,
    grey: Callable[[Path], Path],
    numbers: Numbers,
    picture: WritePicture,
) -> None:
    bad = [grey(photos / "cats" / "1.png"), grey(photos / "grey.png")]
    for expected in ({"added": 11, "skipped": 2}, {"unchanged": 11, "skipped": 2}):
        report = index_sources(collection, [open_source(photos)], half_blind, batch_size=5)
        assert numbers(report) == expected
        assert {row.uri: row.reason for row in report.skipped} == {str(path): NO_DESCRIPTOR for path in bad}
        assert collection.skipped() == {}  # another model may have one of it
    grey(photos / "dogs" / "2.png")
    picture(bad[0], 77)
    assert numbers(index_sources(collection, [open_source(photos)], half_blind)) == {"unchanged": 10, "added": 1, "skipped": 2}
    assert str(photos / "dogs" / "2.png") not in {item.uri for item in collection.items()}  # its descriptor was of other bytes


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
    photos: Path, collection: Collection, encoder: Encoder, update: Update, counting: Counting, numbers: Numbers
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
    tmp_path: Path, update: Update, picture: WritePicture, collection: Collection, counting: Counting, numbers: Numbers
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
    os.utime(path.with_name("b.jpg"), (-86400, -86400))  # before 1970, as dates of scanned albums are
    assert numbers(update(path.parent)) == {"unchanged": 1}
    assert collection.items()[0].attributes["modified"] == "1969-12-31T00:00:00"
    table = tmp_path / "list.csv"
    table.write_text("path,camera\ntrip/b.jpg,box\n")
    assert numbers(update(table)) == {"changed": 1}  # a column of a manifest stands over it
    assert collection.items()[0].attributes["camera"] == "box"
    assert counting.encoded == 1


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
