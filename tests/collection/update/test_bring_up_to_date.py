"""Updates as `podoba index` makes them: the model chosen, images encoded, the index refreshed, sources followed."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.collection.update.bring_up_to_date import UpdateReport, choose_model, follow
from podoba.collection.update.vanishing import UpdateSettings
from podoba.errors import CollectionError, ModelError, SourceError
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    for i in range(4):
        picture(tmp_path / "photos" / f"{i}.png", i)
    return tmp_path / "photos"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "photos.podoba"


def test_one_call_indexes_and_remembers_the_model_in_full(
    path: Path, photos: Path, model: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    with Collection.open(path, create=True) as collection:
        first = collection.update([photos], model.name)
        assert (first.index.added, first.index.changed_anything, first.why_exact) == (4, True, None)
        assert collection.store.models.name == str(model)
        (photos / "0.png").unlink()
        monkeypatch.chdir(photos)
        again = collection.update([str(photos)])
        assert (again.index.vanished, again.index.unchanged) == (1, 3)
        assert not collection.update([photos]).index.changed_anything
    choice = choose_model(path, None)
    assert (choice.encoder.fingerprint, choice.name, choice.named) == (encoder.fingerprint, str(model), False)


def test_what_is_left_out_is_remembered_until_other_patterns_are_given(
    path: Path, photos: Path, model: Path, picture: WritePicture
) -> None:
    picture(photos / "drafts" / "a.png", 50)
    picture(photos / "b.thumb.png", 51)
    picture(photos / "@eaDir" / "c.png", 52)
    with Collection.open(path, create=True) as collection:
        first = collection.update([photos], str(model), exclude=["drafts/", "*.thumb.png"]).index
        assert (first.added, first.beside.excluded) == (4, 3)
        assert collection.update([photos]).index.unchanged == 4
        assert collection.info()["exclude"] == ["drafts/", "*.thumb.png"]
        assert collection.update([photos], exclude=["drafts/"]).index.added == 1
        assert (collection.update([photos]).index.seen, collection.info()["exclude"]) == (5, ["drafts/"])
        assert collection.update([photos], exclude=[]).index.added == 1
        with pytest.raises(SourceError, match="is not understood"):
            collection.update([photos], exclude=["!"])
        assert collection.info()["exclude"] == []


def test_an_image_replaced_by_another_of_the_same_size_and_time_is_noticed_when_all_are_read(
    path: Path, photos: Path, model: Path, picture: WritePicture
) -> None:
    def in_its_place(place: Path, data: bytes) -> None:
        before = place.stat()
        assert len(data) == before.st_size
        place.write_bytes(data)
        os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))

    for i in range(3):  # not compressed, and so of one size
        picture(photos / f"{i}.bmp", i)
    other = picture(photos.parent / "other.bmp", 9).read_bytes()
    with Collection.open(path, create=True) as collection:
        collection.update([photos], str(model))
        in_its_place(photos / "0.bmp", other)
        in_its_place(photos / "1.bmp", bytes(len(other)))
        assert collection.update([photos]).index.unchanged == 7
        report = collection.update([photos], settings=UpdateSettings(verify=True)).index
        assert (report.changed, report.unchanged, [row.uri for row in report.skipped]) == (1, 5, [str(photos / "1.bmp")])
        contents = {item.uri: item.content for item in collection.items()}
        assert contents[str(photos / "0.bmp")] == hashlib.sha256(other).hexdigest()
        assert (len(contents), str(photos / "1.bmp") in contents) == (6, False)
        generation = collection.store.database.generation
        assert collection.update([photos], settings=UpdateSettings(verify=True)).index.unchanged == 6
        assert collection.store.database.generation == generation  # nothing is written where nothing differs


def test_a_new_collection_takes_the_named_model_else_the_bundled_one(path: Path, model: Path) -> None:
    opened: list[tuple[str, int]] = []

    def open_named(name: str, threads: int, device: str | None) -> Encoder:
        opened.append((name, threads))
        return Encoder(model, threads, device=device)

    assert choose_model(path, None, open_named).name == "photo"
    assert choose_model(path, "timm/some", open_named).named
    assert opened == [("photo", 1), ("timm/some", 1)]
    with pytest.raises(ModelError, match="no such model"):
        choose_model(path, "strater")
    assert not path.exists()


def test_another_model_encodes_all_and_what_was_begun_is_given_up_only_by_name(
    path: Path, photos: Path, model: Path, other_encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "podoba")
    with Collection.open(path, create=True) as collection:
        collection.update([photos], str(model))
        collection.store.models.stage_next(other_encoder, "other")
        collection.update([photos])
        assert collection.store.models.next_name == "other"
        collection.update([photos], str(model))
        assert collection.store.models.next_name is None
        assert caplog.messages == []
        report = collection.update([photos], str(other_encoder.path))
        assert caplog.messages == [f"encoding 4 images with {other_encoder.path}; {model} answers until that is done"]
        assert report.index.unchanged == 4
        assert collection.store.models.fingerprint == other_encoder.fingerprint


def test_only_updates_that_changed_something_or_follow_a_failure_are_reported(
    path: Path, photos: Path, model: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("podoba.collection.update.bring_up_to_date.changes_in", lambda places, stop: iter(range(5)))
    with Collection.open(path, create=True) as collection:
        changed = collection.update([photos], str(model))
        same = collection.update([photos])
        answers: list[UpdateReport | CollectionError] = [same, changed, CollectionError("another process is writing"), same, same]

        def update() -> UpdateReport:
            answer = answers.pop(0)
            if isinstance(answer, CollectionError):
                raise answer
            return answer

        assert list(follow([photos], update)) == [changed, same]
    assert caplog.messages == ["not updated: another process is writing"]


def test_what_is_kept_though_it_is_gone_is_reported_once_and_nothing_is_removed_while_following(
    path: Path, photos: Path, model: Path, picture: WritePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(30):
        picture(photos / "usb" / f"{i}.png", 100 + i)
    with Collection.open(path, create=True) as collection:
        collection.update([photos], str(model))

        def changes(places: object, stop: object) -> Iterator[int]:
            (photos / "usb").rename(photos.parent / "away")  # as a mount point that is removed
            yield 1
            (photos / "usb").mkdir()  # as one that stays
            yield 1
            yield 1
            (photos / "usb").rmdir()
            (photos.parent / "away").rename(photos / "usb")
            yield 1

        monkeypatch.setattr("podoba.collection.update.bring_up_to_date.changes_in", changes)
        reports = [report.index for report in follow([photos], lambda: collection.update([photos]))]
        assert [(report.held_back, report.away, report.vanished) for report in reports] == [
            (30, {}, 0), (0, {str(photos / "usb"): 30}, 0), (0, {}, 0),
        ]  # fmt: skip
        assert len(collection) == 34


def test_a_collection_follows_its_sources(path: Path, photos: Path, model: Path, picture: WritePicture) -> None:
    stop = threading.Event()
    timer = threading.Timer(30, stop.set)  # a failure, not a hanging test
    timer.start()
    added = []
    with Collection.open(path, create=True) as collection:
        for report in collection.follow([photos], str(model), stop):
            added.append(report.index.added)
            if len(added) == 1:
                picture(photos / "new.png", 9)
            else:
                stop.set()
    timer.cancel()
    assert added == [4, 1]
