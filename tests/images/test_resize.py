"""Pictures to squares: the three rules, upright."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from podoba.images.resize import RESAMPLE, Fit, PixelRule, Resample, resize, upright

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
    fits: tuple[Fit, ...] = ("stretch", "crop", "pad")
    for fit in fits:
        assert resize(picture, PixelRule(20, fit)).size == (20, 20)
    stretched = np.asarray(resize(picture, PixelRule(20))).astype(int)
    cropped = np.asarray(resize(picture, PixelRule(20, "crop"))).astype(int)
    padded = np.asarray(resize(picture, PixelRule(20, "pad"))).astype(int)
    assert stretched[10, 0, 0] < 20
    assert cropped[10, 0, 0] > 30
    assert (padded[0] == padded[0, 0]).all()


@pytest.mark.parametrize("size", [(60, 40), (301, 200), (50, 51), (9, 700), (7, 5)])
def test_the_rules_of_trained_models_are_those_of_pillow(size: tuple[int, int]) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    stretched = picture.resize((24, 24), Image.Resampling.BICUBIC, reducing_gap=3.0)
    np.testing.assert_array_equal(resize(picture, PixelRule(24)), stretched)
    cropped = ImageOps.fit(picture, (24, 24), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(resize(picture, PixelRule(24, "crop")), cropped)


@pytest.mark.parametrize("resample", RESAMPLE)
@pytest.mark.parametrize("shape", [(40, 60), (61, 40), (24, 24), (3, 9)])
def test_the_centre_is_cut_out_after_the_shorter_side_is_resized(resample: Resample, shape: tuple[int, int]) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8))
    pixels = np.asarray(resize(picture, PixelRule(16, "crop", 21, resample)))
    height, width = (21 * side // min(shape) for side in shape)
    top, left = (height - 16) // 2, (width - 16) // 2
    whole = np.asarray(picture.resize((width, height), RESAMPLE[resample]))
    np.testing.assert_array_equal(pixels, whole[top : top + 16, left : left + 16])
    stretched = np.asarray(picture.resize((21, 21), RESAMPLE[resample]))[2:18, 2:18]
    np.testing.assert_array_equal(resize(picture, PixelRule(16, "stretch", 21, resample, exact=True)), stretched)


@pytest.mark.parametrize(("spare", "first"), [(1, 0), (2, 1), (3, 2), (5, 2), (7, 4)])
def test_a_centre_between_two_pixels_is_rounded_to_the_even_one(spare: int, first: int) -> None:
    picture = gradient(10 + spare, 10 + spare)
    pixels = np.asarray(resize(picture, PixelRule(10, "crop", 10 + spare, centre="round")))
    np.testing.assert_array_equal(pixels, np.asarray(picture)[first : first + 10, first : first + 10])
    floor = np.asarray(resize(picture, PixelRule(10, "crop", 10 + spare)))
    np.testing.assert_array_equal(floor, np.asarray(picture)[spare // 2 :, spare // 2 :][:10, :10])


@pytest.mark.parametrize("size", [(60, 40), (33, 100), (24, 24), (1000, 3)])
def test_what_is_padded_is_whole_on_the_colour_of_its_rule(size: tuple[int, int]) -> None:
    pixels = np.asarray(resize(gradient(*size), PixelRule(24, "pad", fill=(1, 2, 3))))
    width, height = (max(1, round(24 * side / max(size))) for side in size)
    inside = gradient(*size).resize((width, height), Image.Resampling.BICUBIC)
    expected = np.full((24, 24, 3), (1, 2, 3), dtype=np.uint8)
    top, left = (24 - height) // 2, (24 - width) // 2
    expected[top : top + height, left : left + width] = np.asarray(inside)
    np.testing.assert_array_equal(pixels, expected)


def test_a_rule_at_odds_with_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="cut out of"):
        PixelRule(24, "crop", 23)
    with pytest.raises(ValueError, match="cut out of"):
        PixelRule(0)
    with pytest.raises(ValueError, match="nothing is cut out"):
        PixelRule(24, "pad", 30)
    with pytest.raises(ValueError, match="colour of the padding"):
        PixelRule(24, "crop", fill=(0, 0, 0))


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize(("orientation", "turn"), TURNED.items())
def test_a_picture_is_turned_as_its_exif_says(mode: str, orientation: int, turn: Callable[[Pixels], Pixels]) -> None:
    picture = gradient(6, 4).convert(mode)
    picture.getexif()[0x0112] = orientation
    turned = upright(picture, orientation)
    np.testing.assert_array_equal(np.asarray(turned), turn(np.asarray(picture.convert("RGB"))))
    assert turned.getexif().get(0x0112, 1) == 1 or orientation == 1


def test_a_rule_at_another_size_cuts_out_as_large_a_share() -> None:
    assert PixelRule(224, "crop", 256).at(112) == PixelRule(112, "crop", 128)
    assert PixelRule(224, "crop").at(64) == PixelRule(64, "crop")
    assert PixelRule(200, "crop", 201, "lanczos", "round", exact=True).at(10) == PixelRule(
        10, "crop", 10, "lanczos", "round", exact=True
    )
