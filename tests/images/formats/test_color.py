"""Every mode as RGB; large pictures in strips, to the same pixels; a background on which shapes are seen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from podoba.images.formats.color import to_rgb


def in_mode(mode: str, height: int, width: int) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    if mode.startswith("I"):
        return Image.fromarray(noise[..., 0].astype(np.int32 if mode == "I" else np.uint16) * 257)
    if mode == "F":
        return Image.fromarray(noise[..., 0].astype(np.float32) / 255)
    return Image.fromarray(noise).convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "La", "I;16", "I", "F", "P", "L", "CMYK"])
def test_large_pictures_are_converted_in_strips_to_the_same_pixels(mode: str) -> None:
    picture = in_mode("LA", 37, 23).convert("La") if mode == "La" else in_mode(mode, 37, 23)
    whole = np.asarray(to_rgb(picture))
    assert whole.shape == (37, 23, 3)
    assert np.array_equal(np.asarray(to_rgb(picture, 5 * 23)), whole)  # the last strip is shorter


def test_a_strip_is_no_brighter_than_the_others() -> None:
    numbers = np.linspace(0, 4095, 40, dtype=np.uint16).repeat(10).reshape(40, 10)
    expected = np.rint(numbers * (255 / 4095))
    for strip in (50, 10_000):
        assert np.abs(np.asarray(to_rgb(Image.fromarray(numbers), strip))[..., 0] - expected).max() <= 1


def icon(color: tuple[int, int, int], shape: str, back: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Image.Image:
    picture = Image.new("RGBA", (32, 32), back)
    getattr(ImageDraw.Draw(picture), shape)((6, 6, 25, 25), fill=(*color, 255))
    return picture


def test_a_white_shape_on_nothing_is_seen() -> None:
    pictures = [
        np.asarray(to_rgb(icon((255, 255, 255), shape), strip)) for shape in ("ellipse", "rectangle") for strip in (99, 9999)
    ]
    assert [picture[16, 16].tolist() for picture in pictures] == [[255, 255, 255]] * 4
    assert [picture[0, 0].tolist() for picture in pictures] == [[128, 128, 128]] * 4
    assert not np.array_equal(pictures[0], pictures[2])
    assert np.array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize(
    ("picture", "corner", "middle"),
    [
        (icon((40, 40, 40), "ellipse"), 255, 40),
        (icon((220, 220, 220), "ellipse"), 255, 220),
        (icon((240, 240, 240), "ellipse"), 128, 240),
        (Image.new("RGBA", (32, 32), (0, 0, 0, 0)), 255, 255),  # nothing is visible
        (Image.new("RGBA", (32, 32), (255, 255, 255, 255)), 255, 255),  # nothing is transparent
        (icon((255, 255, 255), "ellipse", (0, 0, 0, 255)), 0, 255),
        (icon((255, 255, 255), "ellipse").convert("LA"), 128, 255),
        (icon((255, 255, 255), "ellipse").convert("RGBa"), 128, 255),
    ],
)
def test_the_background_of_what_is_transparent(picture: Image.Image, corner: int, middle: int) -> None:
    pixels = np.asarray(to_rgb(picture))
    assert (pixels[0, 0].tolist(), pixels[16, 16].tolist()) == ([corner] * 3, [middle] * 3)


def test_a_colour_that_stands_for_nothing_is_transparent() -> None:
    for mode, color in (("RGB", (10, 20, 30)), ("L", 30)):
        picture = Image.new(mode, (4, 4), color)
        picture.putpixel((1, 1), 0)
        picture.info["transparency"] = color
        pixels = np.asarray(to_rgb(picture))
        assert (pixels[0, 0].tolist(), pixels[1, 1].tolist()) == ([255] * 3, [0] * 3)


def test_half_transparent_black_is_grey() -> None:
    half = Image.new("RGBA", (1, 1), (0, 0, 0, 128))
    assert abs(int(np.asarray(to_rgb(half))[0, 0, 0]) - 127) <= 1
