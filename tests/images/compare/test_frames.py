"""Frames and collages in small pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalikes import scene
from podoba.images.compare.frames import FrameSettings, cut_out


def small(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((32, 32), Image.Resampling.BICUBIC))


def framed(picture: Image.Image, left: int, top: int, colour: str) -> Image.Image:
    whole = Image.new("RGB", (picture.width + 2 * left, picture.height + 2 * top), colour)
    whole.paste(picture, (left, top))
    return whole


@pytest.fixture
def pictures() -> list[Image.Image]:
    """Ten things like photographs, 200x200."""
    return [scene(np.random.default_rng(number), (200, 200)) for number in range(40, 50)]


@pytest.mark.parametrize(
    ("left", "top", "colour", "box"),
    [
        (50, 50, "white", (1 / 6, 1 / 6, 2 / 3, 2 / 3)),
        (0, 80, "black", (0, 2 / 9, 1, 5 / 9)),
        (15, 15, "navy", (0.065, 0.065, 0.87, 0.87)),
    ],
)
def test_a_frame_is_cut_off(
    pictures: list[Image.Image], left: int, top: int, colour: str, box: tuple[float, float, float, float]
) -> None:
    cut = cut_out(np.stack([small(framed(picture, left, top, colour)) for picture in pictures]))
    assert cut.pixels.shape == (len(cut.rows), 32, 32, 3)
    first = [cut.rows.tolist().index(row) for row in range(10)]
    np.testing.assert_allclose(cut.boxes[first], [box] * 10, atol=2 / 32)
    for place, picture in zip(first, pictures, strict=True):
        assert np.abs(cut.pixels[place].astype(float) - small(picture)).mean() < 16


def test_a_collage_is_cut_in_two(pictures: list[Image.Image]) -> None:
    beside, below = Image.new("RGB", (400, 200)), Image.new("RGB", (200, 400))
    for number in range(2):
        beside.paste(pictures[number], (200 * number, 0))
        below.paste(pictures[number].point(lambda value, shift=90 * number: value // 2 + shift), (0, 200 * number))
    cut = cut_out(np.stack([small(beside), small(below)]))
    boxes = [(row, *box) for row, box in zip(cut.rows.tolist(), cut.boxes.tolist(), strict=True)]
    assert boxes == [(0, 0, 0, 0.5, 1), (0, 0.5, 0, 0.5, 1), (1, 0, 0, 1, 0.5), (1, 0, 0.5, 1, 0.5)]


def test_a_picture_without_either_gives_nothing(pictures: list[Image.Image]) -> None:
    cut = cut_out(np.stack([small(picture) for picture in pictures]))
    assert (cut.rows.shape, cut.boxes.shape, cut.pixels.shape) == ((0,), (0, 4), (0, 32, 32, 3))
    assert len(cut_out(np.empty((0, 32, 32, 3), np.uint8)).rows) == 0
    assert len(cut_out(np.full((1, 32, 32, 3), 255, np.uint8)).rows) == 0


def test_the_settings_decide(pictures: list[Image.Image]) -> None:
    whole = small(framed(pictures[0], 50, 50, "white"))[None]
    assert len(cut_out(whole).rows) == 1
    assert len(cut_out(whole, FrameSettings(least=30)).rows) == 0
