"""The demo as a function: images written once, settings that fit them. The whole of it runs with the command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from podoba.demo import DemoImages, DemoSettings, folder_name, prepare_images, training_settings
from podoba.errors import TrainingError
from podoba.images.sources.open import open_source

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    for i in range(20):
        picture(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", i, (400, 40))
    return tmp_path / "photos"


def test_files_are_used_where_they_are_a_share_of_each_class_for_testing(photos: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in photos.rglob("*.png")}
    seen: list[int] = []
    images = prepare_images(open_source(photos), tmp_path / "demo", on_progress=lambda stage, done, total: seen.append(done))
    train, tests = open_source(images.train), open_source(images.test)
    assert sorted(label or "" for label in tests.labels) == ["cats", "cats", "dogs", "dogs"]
    assert {Path(record.uri): record.open() for record in [*train, *tests]} == before
    assert all(Path(record.uri).parent.name == record.label for record in [*train, *tests])
    assert not list((tmp_path / "demo").rglob("*.png"))
    assert images.side == 26  # of 400 x 40 pixels, at the size in which it is looked at
    assert seen == list(range(1, 21))
    assert prepare_images(open_source(photos), tmp_path / "demo") == images


@pytest.mark.parametrize("form", ["archive", "name that is no text"])
def test_other_images_are_written_as_files_large_ones_reduced(photos: Path, tmp_path: Path, form: str) -> None:
    (photos / "cats" / "bad.png").write_bytes(b"nothing")
    if form == "archive":
        given = Path(shutil.make_archive(str(tmp_path / "photos"), "zip", photos))
    else:
        given = photos
        os.rename(photos / "cats" / "1.png", os.fsencode(photos / "cats") + b"/\xff.png")
    seen: list[int] = []
    source = open_source(given)
    images = prepare_images(source, tmp_path / "demo", on_progress=lambda stage, done, total: seen.append(done))
    assert [Path(row.uri).name for row in images.skipped] == ["bad.png"]
    tests = open_source(images.test)
    assert sorted(label or "" for label in tests.labels) == ["cats", "cats", "dogs", "dogs"]
    assert 20 <= len(seen) == len(tests) + len(open_source(images.train))
    with Image.open(next(images.test.rglob("*.png"))) as image:
        assert image.width <= DemoSettings().saved_side
        assert images.side == image.height
    seen.clear()
    again = prepare_images(source, tmp_path / "demo", on_progress=lambda stage, done, total: seen.append(done))
    assert again == replace(images, skipped=[])
    assert seen == []


def test_other_images_and_images_of_one_class_are_refused(photos: Path, tmp_path: Path) -> None:
    prepare_images(open_source(photos), tmp_path / "demo")
    with pytest.raises(TrainingError, match="demo of other images"):
        prepare_images(open_source("digits:test"), tmp_path / "demo")
    with pytest.raises(TrainingError, match="two classes"):
        prepare_images(open_source(photos / "cats"), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_small_images_are_learned_from_scratch_and_large_ones_on_the_bundled_model(tmp_path: Path) -> None:
    images = DemoImages(tmp_path / "train", tmp_path / "test", 8, [])
    small = training_settings(images, "triplet", 3, DemoSettings())
    assert (small.backbone.transfer, small.input_size, small.epochs, small.loss.name) == ("scratch", 16, 3, "triplet")
    large = training_settings(replace(images, side=200), "cross-entropy", 3, DemoSettings())
    assert (large.backbone.name, large.backbone.transfer) == ("photo", "frozen")


@pytest.mark.parametrize(("label", "folder"), [("cat", "cat"), ("a/b", "a_b"), ("..", "_"), ("../x", "_x"), ("", "_")])
def test_class_names_stay_inside_the_folder(label: str, folder: str) -> None:
    assert folder_name(label) == folder
