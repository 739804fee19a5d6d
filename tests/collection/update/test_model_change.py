"""Another model for a collection: the old one answers until the last image is encoded, and nothing is encoded twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, change_model, index_sources
from podoba.errors import CollectionError
from podoba.images.decode import load_pixels
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.models.encoder import NO_DESCRIPTOR, Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def collection(tmp_path: Path, photos: Path, encoder: Encoder) -> Collection:
    opened = Collection.open(tmp_path / "photos.podoba", create=True)
    index_sources(opened, [open_source(photos)], encoder, model="old")
    return opened


def assert_encoded_by(collection: Collection, photos: Path, encoder: Encoder) -> None:
    source = open_source(photos)
    assert {item.id for item in collection.items()} == {record.id for record in source}
    for record in source:
        expected = encoder.encode(load_pixels(record, PixelRule(encoder.card.input_size))[None])[0]
        np.testing.assert_allclose(collection.store.descriptors.get(record.id), expected, atol=1e-6)
    assert collection.check() == []


def test_the_devices_of_each_model_are_noted(
    collection: Collection, photos: Path, encoder: Encoder, other_encoder: Encoder, picture: WritePicture
) -> None:
    assert collection.store.models.devices == ["cpu"]
    encoder.device = "cuda"
    index_sources(collection, [open_source(photos)], encoder, model="old")
    assert collection.store.models.devices == ["cpu"]  # nothing was encoded
    picture(photos / "fresh.png", 99)
    index_sources(collection, [open_source(photos)], encoder, model="old")
    assert collection.store.models.devices == ["cpu", "cuda"]
    other_encoder.device = "openvino"
    change_model(collection, [open_source(photos)], other_encoder)
    assert collection.store.models.devices == ["openvino"]


def test_all_images_are_encoded_anew_and_switched_at_once(
    collection: Collection, photos: Path, encoder: Encoder, other_encoder: Encoder
) -> None:
    numbers = {item.id: number for number, item in enumerate(collection.items())}
    query = collection.store.descriptors.get(collection.items()[0].id)
    seen: list[tuple[str | None, int]] = []
    with Collection.open(collection.path, read_only=True) as reader:

        def look(_: str, done: int, total: int) -> None:
            info = reader.info()
            seen.append((info["model"], 0 if info["next"] is None else info["next"]["done"]))
            if info["model"] == "old":
                assert reader.nearest(query, 1).similarities[0, 0] == pytest.approx(1)

        report = change_model(collection, [open_source(photos)], other_encoder, model="new", batch_size=3, on_progress=look)
        assert reader.nearest(query, 1).similarities[0, 0] < 0.999
    assert (report.unchanged, report.added, report.changed) == (12, 0, 0)
    assert seen[:4] == [("old", 0), ("old", 3), ("old", 6), ("old", 9)]
    assert {model for model, _ in seen[4:]} == {"new"}
    assert_encoded_by(collection, photos, other_encoder)
    assert (collection.store.models.name, collection.store.models.fingerprint) == ("new", other_encoder.fingerprint)
    assert {item.id: number for number, item in enumerate(collection.items())} == numbers
    assert collection.info()["next"] is None
    change_model(collection, [open_source(photos)], encoder, model="old")  # and back
    assert_encoded_by(collection, photos, encoder)


def test_a_stopped_change_goes_on_and_the_old_model_answers_meanwhile(
    collection: Collection, photos: Path, encoder: Encoder, other_encoder: Encoder, picture: WritePicture
) -> None:
    def stop(_: str, done: int, total: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change_model(collection, [open_source(photos)], other_encoder, model="new", batch_size=3, on_progress=stop)
    assert collection.info()["next"] == {"model": "new", "done": 6}
    picture(photos / "cats" / "1.png", 50)  # changed after it was encoded by the new model or before
    picture(photos / "dogs" / "0.png", 51)
    picture(photos / "new.png", 52)
    index_sources(collection, [open_source(photos)], encoder, model="old")
    assert_encoded_by(collection, photos, encoder)
    assert 4 <= collection.info()["next"]["done"] <= 6
    encoded: list[int] = []
    change_model(
        collection,
        [open_source(photos)],
        other_encoder,
        model="new",
        batch_size=3,
        on_progress=lambda *told: encoded.append(told[1]),
    )
    assert encoded[0] >= 4  # not from the start
    assert_encoded_by(collection, photos, other_encoder)


def test_an_image_without_a_descriptor_of_the_new_model_is_skipped_and_named(
    collection: Collection, photos: Path, encoder: Encoder, half_blind: Encoder, grey: Callable[[Path], Path]
) -> None:
    bad = grey(photos / "grey.png")
    assert index_sources(collection, [open_source(photos)], encoder).added == 1
    report = change_model(collection, [open_source(photos)], half_blind, model="new", batch_size=5)
    assert (report.unchanged, report.vanished) == (12, 0)
    assert [(row.uri, row.reason) for row in report.skipped] == [(str(bad), NO_DESCRIPTOR)]
    assert change_model(collection, [open_source(photos)], encoder, model="old").added == 1  # which has one of it
    assert_encoded_by(collection, photos, encoder)


def test_what_changed_moved_or_vanished_meanwhile_is_followed(
    collection: Collection, photos: Path, other_encoder: Encoder, picture: WritePicture
) -> None:
    number = [item.id for item in collection.items()].index(open_source(photos).records[3].id)
    moved = photos / "dogs" / "moved.png"
    Path(open_source(photos).records[3].uri).rename(moved)
    picture(photos / "dogs" / "4.png", 60)
    (photos / "dogs" / "6.png").unlink()
    (photos / "dogs" / "8.png").write_bytes(b"nonsense")
    os.utime(photos / "dogs" / "10.png", (5, 5))
    report = change_model(collection, [open_source(photos)], other_encoder, model="new")
    assert [row.uri for row in report.skipped] == [str(photos / "dogs" / "8.png")]
    (photos / "dogs" / "8.png").unlink()
    assert_encoded_by(collection, photos, other_encoder)
    assert collection.items()[number].uri == str(moved)


def test_images_of_other_sources_that_are_not_there_now_stop_the_change_but_lose_nothing(
    collection: Collection, photos: Path, tmp_path: Path, other_encoder: Encoder, picture: WritePicture, encoder: Encoder
) -> None:
    disk = picture(tmp_path / "disk" / "a.png", 70).parent
    index_sources(collection, [open_source(disk)], encoder, model="old")
    disk.rename(tmp_path / "unmounted")
    with pytest.raises(CollectionError, match=r"1 images cannot be read, such as .*a\.png.*'old' still answers"):
        change_model(collection, [open_source(photos)], other_encoder, model="new")
    assert (len(collection), collection.store.models.name, collection.info()["next"]) == (13, "old", {"model": "new", "done": 12})
    (tmp_path / "unmounted").rename(disk)
    change_model(collection, [open_source(photos)], other_encoder, model="new")
    assert (len(collection), collection.store.models.name) == (13, "new")


def test_a_change_is_given_up_by_naming_the_old_model_and_restarted_for_a_third(
    collection: Collection, photos: Path, encoder: Encoder, other_encoder: Encoder
) -> None:
    collection.store.models.stage_next(other_encoder, "new")
    collection.store.models.put_next([(item.id, np.eye(1, 192, dtype=np.float32)[0]) for item in collection.items()[:5]])
    assert len(collection.store.models.without_next()) == 7
    generation = collection.store.database.generation
    collection.store.models.stage_next(other_encoder, "new")
    assert len(collection.store.models.without_next()) == 7
    change_model(collection, [open_source(photos)], encoder, model="old")
    assert (collection.info()["next"], collection.store.database.generation) == (None, generation)
    assert_encoded_by(collection, photos, encoder)


def test_a_cache_of_the_old_model_is_not_used_for_the_new_one(indexed: Collection, other_encoder: Encoder) -> None:
    count = len(indexed)
    indexed.store.models.stage_next(other_encoder, "new")
    rng = np.random.default_rng(0).standard_normal((count, 192)).astype(np.float32)
    rng /= np.linalg.norm(rng, axis=1, keepdims=True)
    assert not indexed.nearest(np.eye(1, 16, dtype=np.float32), 3).exact
    indexed.store.models.put_next([(item.id, row) for item, row in zip(indexed.items(), rng, strict=True)])
    indexed.store.models.switch_to_next()
    assert indexed.nearest(rng[5], 1).exact
    assert indexed.nearest(rng[5], 1).numbers[0, 0] == 6
    assert indexed.info()["index"]["fresh"] is False
    assert any("stale" in line for line in indexed.check())
