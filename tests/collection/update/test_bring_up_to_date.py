"""Updates as `podoba index` makes them: the model chosen, images encoded, the index refreshed, sources followed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.collection.update.bring_up_to_date import UpdateReport, choose_model, follow
from podoba.errors import CollectionError, ModelError
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


def test_a_new_collection_takes_the_named_model_else_the_bundled_one(path: Path, model: Path) -> None:
    opened: list[tuple[str, int]] = []

    def open_named(name: str, threads: int) -> Encoder:
        opened.append((name, threads))
        return Encoder(model, threads)

    assert choose_model(path, None, open_named).name == "starter"
    assert choose_model(path, "timm/some", open_named).named
    assert opened == [("starter", 1), ("timm/some", 1)]
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
