"""Pictures to squares: the three rules, every mode as RGB, large ones converted in strips."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from podoba.images.resize import resize, upright


def gradient(width: int = 60, height: int = 40) -> Image.Image:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, 255 - x], axis=2).astype(np.uint8))


def test_resize_rules() -> None:
    picture = gradient(60, 40)
    for rule in ("stretch", "crop", "pad"):
        assert resize(picture, 20, rule).size == (20, 20)
    stretched = np.asarray(resize(picture, 20, "stretch")).astype(int)
    cropped = np.asarray(resize(picture, 20, "crop")).astype(int)
    padded = np.asarray(resize(picture, 20, "pad")).astype(int)
    assert stretched[10, 0, 0] < 20
    assert cropped[10, 0, 0] > 30
    assert (padded[0] == padded[0, 0]).all()


def in_mode(mode: str, height: int, width: int) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    if mode.startswith("I"):
        return Image.fromarray(noise[..., 0].astype(np.int32 if mode == "I" else np.uint16) * 257)
    return Image.fromarray(noise).convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "I;16", "I", "P", "L", "CMYK"])
def test_large_pictures_are_converted_in_strips_to_the_same_pixels(mode: str) -> None:
    picture = in_mode(mode, 37, 23)
    whole = np.asarray(upright(picture))
    assert whole.shape == (37, 23, 3)
    assert np.array_equal(np.asarray(upright(picture, 5 * 23)), whole)  # the last strip is shorter


def test_sixteen_bits_are_brought_to_eight_and_transparent_parts_become_white() -> None:
    deep = Image.fromarray(np.array([[0, 257, 65535]], dtype=np.uint16))
    assert np.asarray(upright(deep))[0, :, 0].tolist() == [0, 1, 255]
    half = Image.new("RGBA", (1, 1), (0, 0, 0, 128))
    assert abs(int(np.asarray(upright(half))[0, 0, 0]) - 127) <= 1


def test_a_picture_is_turned_as_its_exif_says() -> None:
    picture = gradient(6, 4)
    picture.getexif()[0x0112] = 6
    assert np.array_equal(np.asarray(upright(picture)), np.rot90(np.asarray(gradient(6, 4)), -1))
