"""The picture of samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from podoba.errors import SettingsError, TrainingError
from podoba.learn.augmentation.preview import GAP, LINE, SAMPLES, caption, preview, preview_training
from podoba.runs.settings import AugmentationName, AugmentationSettings
from podoba.runs.settings_file import load_settings


def coloured(n: int, side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


@pytest.mark.parametrize(("side", "cell"), [(8, 96), (32, 96), (40, 120), (150, 150), (448, 224)])
def test_a_row_an_image_the_original_first(tmp_path: Path, side: int, cell: int) -> None:
    images = coloured(3, side)
    preview(images, AugmentationSettings(name="random-erasing", erase_probability=1.0), tmp_path / "new" / "preview.png")
    with Image.open(tmp_path / "new" / "preview.png") as picture:
        sheet = np.asarray(picture.convert("RGB"))
    top = GAP + 2 * LINE
    assert sheet.shape == (top + 3 * (cell + GAP), (SAMPLES + 1) * (cell + GAP) + GAP, 3)
    first = sheet[top : top + cell, GAP : GAP + cell]
    if cell % side == 0:
        np.testing.assert_array_equal(first[:: cell // side, :: cell // side], images[0])
    second = sheet[top : top + cell, 2 * GAP + cell : 2 * GAP + 2 * cell]
    assert 0 < (first != second).any(2).mean() < 0.6


def test_a_seed_gives_the_same_picture_and_another_another(tmp_path: Path) -> None:
    told = AugmentationSettings(name=["shift-zoom-rotate-flip", "mixup"])
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        preview(coloured(2, 16), told, tmp_path / f"{name}.png", seed)
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert a == b != c


def test_the_caption_names_what_is_drawn_from() -> None:
    assert caption(AugmentationSettings()) == "none"
    told = AugmentationSettings(name=["flip", "crop", "shift-zoom-rotate"], fill="edge", rotate=5)
    assert caption(told) == "flip + crop (crop 0.35 to 1) + shift-zoom-rotate (shift 0.1, zoom 0.1, rotate 5, fill edge)"


def test_a_long_caption_is_wrapped(tmp_path: Path) -> None:
    preview(coloured(1, 8), AugmentationSettings(name=list(get_args(AugmentationName))), tmp_path / "preview.png")
    with Image.open(tmp_path / "preview.png") as picture:
        assert picture.height > GAP + 3 * LINE + 96 + GAP


@pytest.mark.parametrize("name", ["preview.nothing", "file.txt/preview.png", "preview"])
def test_a_path_that_cannot_be_written_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").touch()
    with pytest.raises(SettingsError, match=r"cannot be written") as caught:
        preview(coloured(1, 8), AugmentationSettings(), tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_few_training_images_of_all_classes_are_drawn(tmp_path: Path, picture: Callable[..., Path]) -> None:
    for i in range(12):
        picture(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", i)
    settings = load_settings(None, ["augmentation.name=shift-zoom-rotate-flip"], train=str(tmp_path / "photos"))
    preview_training(settings, tmp_path / "preview.png", images=4, side=32)
    with Image.open(tmp_path / "preview.png") as drawn:
        assert drawn.height == GAP + 2 * LINE + 4 * (96 + GAP)
    (tmp_path / "bad" / "cats").mkdir(parents=True)
    (tmp_path / "bad" / "cats" / "1.png").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="none of the images to be shown can be read"):
        preview_training(load_settings(None, [], train=str(tmp_path / "bad")), tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
