"""Pictures to squares: the three rules, every mode as RGB, large ones converted in strips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podoba.images.resize import resize, upright

Pixels = NDArray[np.uint8]
TURNED: dict[int, Callable[[Pixels], Pixels]] = {  # what the EXIF standard says of each number, row 0 and column 0 first
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels, 1),
}


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
    assert np.array_equal(np.asarray(upright(picture, strip=5 * 23)), whole)  # the last strip is shorter


def test_sixteen_bits_are_brought_to_eight_and_transparent_parts_become_white() -> None:
    deep = Image.fromarray(np.array([[0, 257, 65535]], dtype=np.uint16))
    assert np.asarray(upright(deep))[0, :, 0].tolist() == [0, 1, 255]
    half = Image.new("RGBA", (1, 1), (0, 0, 0, 128))
    assert abs(int(np.asarray(upright(half))[0, 0, 0]) - 127) <= 1


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize(("orientation", "turn"), TURNED.items())
def test_a_picture_is_turned_as_its_exif_says(mode: str, orientation: int, turn: Callable[[Pixels], Pixels]) -> None:
    picture = gradient(6, 4).convert(mode)
    picture.getexif()[0x0112] = orientation
    turned = upright(picture, orientation)
    np.testing.assert_array_equal(np.asarray(turned), turn(np.asarray(picture.convert("RGB"))))
    assert turned.getexif().get(0x0112, 1) == 1 or orientation == 1
