"""Which frame of an animation stands for it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from podoba.errors import UnreadableImage
from podoba.images.decode import decode, decode_pixels
from podoba.images.formats.frames import FRAMES
from podoba.images.resize import PixelRule

WHITE = Image.new("RGB", (40, 30), "white")


def shape(color: str) -> Image.Image:
    picture = WHITE.copy()
    ImageDraw.Draw(picture).rectangle((10, 5, 29, 24), fill=color)
    return picture


def animation(kind: str, frames: list[Image.Image]) -> bytes:
    buffer = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=40, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_empty_beginning_is_passed(kind: str) -> None:
    """Two animations that begin with an empty canvas were once the same picture."""
    for color, expected in (("red", [255, 0, 0]), ("blue", [0, 0, 255])):
        data = animation(kind, [WHITE, shape(color), shape("green")])
        pixels = np.asarray(decode(data, "x"))
        assert np.abs(pixels[15, 20].astype(int) - expected).max() <= 1
        assert pixels[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_a_beginning_that_shows_something_stays(kind: str) -> None:
    pixels = np.asarray(decode(animation(kind, [shape("red"), shape("blue")]), "x"))
    assert np.abs(pixels[15, 20].astype(int) - [255, 0, 0]).max() <= 1


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_where_nothing_is_shown_it_is_the_first_frame(kind: str) -> None:
    empty = [Image.new("RGB", (40, 30), color) for color in ("yellow", "cyan")]
    assert np.asarray(decode(animation(kind, empty), "x"))[0, 0, 2] < 9
    long = [Image.new("RGB", (40, 30), (9 * place % 255, 250, 0)) for place in range(FRAMES)] + [shape("red")]
    assert np.ptp(np.asarray(decode(animation(kind, long), "x")).reshape(-1, 3), axis=0).max() == 0


def test_the_second_page_of_a_document_does_not_stand_for_it() -> None:
    assert np.asarray(decode(animation("TIFF", [WHITE, shape("red")]), "x")).min() == 255


def test_a_later_frame_that_is_needed_and_cut_off_is_refused_at_every_size() -> None:
    data = animation("GIF", [WHITE, Image.effect_noise((40, 30), 90).convert("RGB")])
    for size in (4, 300):
        with pytest.raises(UnreadableImage, match="cut off"):
            decode_pixels(data[:-400], "x", PixelRule(size))


def test_a_later_frame_larger_than_the_canvas_is_not_drawn() -> None:
    data = bytearray(animation("GIF", [WHITE, shape("red")]))
    frame = data.rindex(b"\x2c", 0, len(data) - 60)
    while data[frame + 1 : frame + 5] != bytes(4) and frame > 0:  # of which the place is 0, 0 or where it changed
        frame = data.rindex(b"\x2c", 0, frame)
    data[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"  # 65535 x 65535
    with pytest.raises(UnreadableImage):
        decode(bytes(data), "x")
