"""Pictures to squares: the three rules, upright."""

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


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize(("orientation", "turn"), TURNED.items())
def test_a_picture_is_turned_as_its_exif_says(mode: str, orientation: int, turn: Callable[[Pixels], Pixels]) -> None:
    picture = gradient(6, 4).convert(mode)
    picture.getexif()[0x0112] = orientation
    turned = upright(picture, orientation)
    np.testing.assert_array_equal(np.asarray(turned), turn(np.asarray(picture.convert("RGB"))))
    assert turned.getexif().get(0x0112, 1) == 1 or orientation == 1
