"""Readable pictures that decoders or their EXIF make hard: they are read all the same, and said to be as large as they are."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.decode import decode, decode_pixels, picture_pixels, upright_picture
from podoba.images.limits import DecodeLimits
from podoba.images.resize import PixelRule

NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def encoded(kind: str, pixels: NDArray[np.uint8] = NOISE, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def lossless_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Grey levels (H, W) by the predictor of the left neighbour (ITU T.81, annex H); categories have codes of four bits."""
    levels = pixels.astype(int)
    predicted = np.hstack([np.vstack([[[128]], levels[:-1, :1]]), levels[:, :-1]])
    bits = ""
    for difference in (levels - predicted).ravel():
        size = int(abs(difference)).bit_length()
        bits += f"{size:04b}" + (f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}" if size else "")
    bits += "1" * (-len(bits) % 8)
    entropy = bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    frame = b"\xff\xc3" + struct.pack(">HBHHBBBB", 11, 8, *pixels.shape, 1, 1, 0x11, 0)
    table = b"\xff\xc4" + struct.pack(">HB16B", 28, 0, *([0, 0, 0, 9] + [0] * 12)) + bytes(range(9))
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 1, 0, 0)
    return b"\xff\xd8" + frame + table + scan + entropy + b"\xff\xd9"


def test_a_jpeg_that_cannot_be_decoded_at_a_reduced_scale_is_decoded_whole() -> None:
    down, across = np.mgrid[0:96, 0:128]
    pixels = (across + down).astype(np.uint8)
    data = lossless_jpeg(pixels)
    np.testing.assert_array_equal(np.asarray(decode(data, "x"))[..., 0], pixels)
    decoded = decode_pixels(data, "x", PixelRule(8))
    assert (decoded.width, decoded.height) == (128, 96)
    expected = np.asarray(Image.fromarray(pixels).resize((8, 8), Image.Resampling.BICUBIC, reducing_gap=3.0))
    assert np.abs(decoded.pixels[..., 0].astype(int) - expected).max() <= 1
    assert decode(data, "x", 12).size == (12, 9)
    with pytest.raises(UnreadableImage, match="cut off"):
        decode_pixels(data[:-400], "x", PixelRule(8))


def test_a_damaged_jpeg_too_large_to_be_decoded_whole_is_called_damaged() -> None:
    data = encoded("JPEG", np.zeros((400, 600, 3), np.uint8))
    with pytest.raises(UnreadableImage, match="cut off"):
        decode_pixels(data[:-300], "x", PixelRule(8), limits=DecodeLimits(decoded=20_000))


def test_more_pixels_than_pillow_allows_by_itself_are_reduced() -> None:
    """Its own bound is 179 million."""
    buffer = io.BytesIO()
    Image.new("L", (16_000, 12_000), 77).save(buffer, "JPEG")
    decoded = decode_pixels(buffer.getvalue(), "x", PixelRule(8))
    assert (decoded.width, decoded.height) == (16_000, 12_000)
    assert np.abs(decoded.pixels.astype(int) - 77).max() <= 1


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_is_turned_once_and_measured_upright(compression: str | None, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded("TIFF", compression=compression, exif=exif)
    decoded = decode_pixels(data, "x", PixelRule(8))
    turned = np.asarray(decode(data, "x"))
    assert (decoded.width, decoded.height) == turned.shape[1::-1] == ((40, 60) if orientation >= 5 else (60, 40))
    sideways = NOISE.swapaxes(0, 1) if orientation >= 5 else NOISE
    assert any(np.array_equal(turned, sideways[::down, ::across]) for down in (1, -1) for across in (1, -1))
    corners = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    np.testing.assert_array_equal(turned[corners[orientation]], NOISE[0, 0])


def odd_exif(orientation: int) -> bytes:
    """An orientation, beside a tag whose values lie outside, an unknown type, and a directory that is none."""
    entries = [
        struct.pack(">HHII", 0x010F, 2, 999_999, 40),  # a maker's name of a million letters
        struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0),
        struct.pack(">HHII", 0x0132, 77, 3, 0),
        struct.pack(">HHII", 0x8769, 4, 1, 0xFFFFFFF0),
    ]
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + bytes(4)


def unwritable_exif(orientation: int) -> bytes:
    """A number with a text where Pillow writes none; it reads it, and cannot write it again."""
    entries = [struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0), struct.pack(">HHII", 0x0201, 2, 1, 0x41000000)]
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + bytes(4)


@pytest.mark.filterwarnings("ignore:Tag data larger than file")
@pytest.mark.parametrize("make", [odd_exif, unwritable_exif])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_that_cannot_be_written_again_turns_the_picture_all_the_same(make: Callable[[int], bytes], kind: str) -> None:
    data = encoded(kind, exif=make(6), **({"lossless": True} if kind == "WEBP" else {"quality": 95}))
    decoded = decode_pixels(data, "x", PixelRule(8))
    assert (decoded.width, decoded.height) == (40, 60)
    assert decode(data, "x").size == (40, 60)
    with Image.open(io.BytesIO(data)) as opened:
        assert upright_picture(opened, "x").size == (40, 60)


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (0, 0, 3), (0, 7)])
def test_an_array_without_pixels_is_an_error(shape: tuple[int, ...]) -> None:
    empty = np.zeros(shape, dtype=np.uint8)
    reason = rf"^mine: no pixels: {shape[1]}x{shape[0]}$"
    with pytest.raises(UnreadableImage, match=reason):
        picture_pixels(empty, "mine", PixelRule(8))
    with pytest.raises(UnreadableImage, match=reason):
        upright_picture(empty, "mine")
