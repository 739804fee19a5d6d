from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from podoba.images.sources.open import open_source
from podoba.report.study.read.measured import Measured, measure
from podoba.report.study.read.shown import Shown, same_queries
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.samples import IMAGES, augmentations, samples, study_samples, training_pixels
from podoba.study.folder import Study


def image_of(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("L"), dtype=float)


def test_each_augmentation_is_sampled_once(measured: Measured, shown: list[Shown]) -> None:
    names = [settings.names for settings, _ in augmentations(measured)]
    assert names == [("shift-zoom-rotate",), ("shift-zoom-rotate-flip",)]
    drawn = study_samples(measured, Sources(shown))
    assert [one["caption"].partition(" ")[0] for one in drawn] == ["shift-zoom-rotate", "shift-zoom-rotate-flip"]
    assert {len(column) for one in drawn for column in one["columns"]} == {IMAGES}


def test_originals_come_first_and_samples_differ_from_them(measured: Measured) -> None:
    settings, cell = augmentations(measured)[0]
    drawn = samples(settings, cell, open_source("digits:train"))
    assert drawn is not None
    originals, *others = drawn["columns"]
    assert all(
        np.abs(image_of(first) - image_of(other)).mean() > 1
        for column in others
        for first, other in zip(originals, column, strict=True)
    )


def test_training_images_come_in_the_size_of_the_training(study: Study) -> None:
    cell = study.variants[0].cells[0]
    cell.settings["input_size"] = 24
    pixels = training_pixels(cell, open_source("digits:train"))
    del cell.settings["input_size"]
    assert pixels.shape == (IMAGES, 24, 24, 3)


def test_images_that_cannot_be_read_give_no_samples(make_study: Callable[..., Study], tmp_path: Path) -> None:
    for i in range(4):
        path = tmp_path / "photos" / str(i % 2) / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"broken")
    study = make_study(tmp_path / "study", only=(1,), seeds=(0,))
    settings, cell = augmentations(measure(study))[0]
    assert samples(settings, cell, open_source(tmp_path / "photos")) is None
    assert len(same_queries(study)) == 1
