"""A table of what files may hold: each comes out within a level of the truth, or is refused with the reason."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from podoba.errors import UnreadableImage
from podoba.images.decode import decode

Array = NDArray[Any]
DOWN, ACROSS = np.mgrid[0:48, 0:64]
GREY: Array = (4 * ACROSS + DOWN // 12).astype(np.uint8)  # every level from 0 to 255
COLOR: Array = np.stack([GREY, (5 * DOWN).astype(np.uint8), 255 - GREY], axis=2)
SMOOTH = np.asarray(Image.fromarray(COLOR).resize((512, 384), Image.Resampling.BICUBIC))


def of(levels: Array, white: int, kind: type) -> Array:
    """Levels of 255 as numbers of which another is white."""
    return np.rint(levels.astype(np.float64) * white / 255).astype(kind)


def tiff(pixels: Array, photometric: str = "minisblack", **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, photometric=photometric, **options)
    return buffer.getvalue()


def planes(pixels: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(pixels, 2, 0))


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opaque(pixels: Array) -> Array:
    return np.concatenate([pixels, np.full((*pixels.shape[:2], 1), np.iinfo(pixels.dtype).max, pixels.dtype)], axis=2)


MOST = (281, "H", 1, 1000, True)  # a TIFF tag: MaxSampleValue
WIDE = of(COLOR, 65535, np.uint16)
DEEP = of(GREY, 65535, np.uint16)
PALETTE = Image.fromarray(GREY).convert("P")

RIGHT: dict[str, tuple[bytes, Array]] = {
    "1": (saved(Image.fromarray(GREY > 99), "PNG"), np.where(GREY > 99, 255, 0)),
    "1, white is zero": (tiff(GREY > 99, "miniswhite"), np.where(GREY > 99, 0, 255)),
    "L": (saved(Image.fromarray(GREY), "PNG"), GREY),
    "L, white is zero": (tiff(255 - GREY, "miniswhite"), GREY),
    "L, white is zero, deflated": (tiff(255 - GREY, "miniswhite", compression="zlib"), GREY),
    "LA": (saved(Image.fromarray(np.stack([GREY, np.full_like(GREY, 255)], 2), "LA"), "PNG"), GREY),
    "P": (saved(PALETTE, "PNG"), GREY),
    "P, black is transparent": (saved(PALETTE, "PNG", transparency=0), np.where(GREY == 0, 255, GREY)),
    "RGB": (saved(Image.fromarray(COLOR), "PNG"), COLOR),
    "RGB, planes": (tiff(planes(COLOR), "rgb", planarconfig="separate"), COLOR),
    "RGBA": (saved(Image.fromarray(opaque(COLOR)), "PNG"), COLOR),
    "CMYK": (saved(Image.fromarray(COLOR).convert("CMYK"), "TIFF"), COLOR),
    "CMYK of Adobe": (saved(Image.fromarray(SMOOTH).convert("CMYK"), "JPEG", quality=100, subsampling=0), SMOOTH),
    "YCbCr": (saved(Image.fromarray(GREY).convert("RGB").convert("YCbCr"), "TIFF"), GREY),
    "10 bits in 16": (tiff(of(GREY, 1023, np.uint16)), GREY),
    "12 bits in 16": (tiff(of(GREY, 4095, np.uint16)), GREY),
    "12 bits in 16, PNG": (saved(Image.fromarray(of(GREY, 4095, np.uint16)), "PNG"), GREY),
    "12 bits in 16, PGM": (b"P5 64 48 4095\n" + of(GREY, 4095, np.uint16).astype(">u2").tobytes(), GREY),
    "12 bits, as stated": (tiff(of(GREY, 1000, np.uint16), extratags=[MOST]), GREY),
    "14 bits in 16": (tiff(of(GREY, 16383, np.uint16)), GREY),
    "16 bits": (tiff(DEEP), GREY),
    "16 bits, the other byte order": (tiff(DEEP.astype(">u2"), byteorder=">"), GREY),
    "16 bits, white is zero": (tiff(65535 - DEEP, "miniswhite"), GREY),
    "16 bits, white is zero, deflated": (tiff(65535 - DEEP, "miniswhite", compression="zlib"), GREY),
    "16 bits, PNG": (saved(Image.fromarray(DEEP), "PNG"), GREY),
    "16 bits, dark PGM": (b"P5 64 48 65535\n" + of(GREY, 4095, np.uint16).astype(">u2").tobytes(), of(GREY, 16, np.uint8)),
    "16 bits, JPEG 2000": (saved(Image.fromarray(DEEP), "JPEG2000"), GREY),
    "int32 of 8 bits": (tiff(GREY.astype(np.int32)), GREY),
    "int32 of 16 bits": (tiff(DEEP.astype(np.int32)), GREY),
    "int32, whole": (tiff(of(GREY, 2**31 - 1, np.int32)), GREY),
    "uint32, whole": (tiff(of(GREY, 2**32 - 1, np.uint32)), GREY),
    "uint32 of 16 bits": (tiff(DEEP.astype(np.uint32)), GREY),
    "float, 1 is white": (tiff((GREY / 255).astype(np.float32)), GREY),
    "float, 255 is white": (tiff(GREY.astype(np.float32)), GREY),
    "float, 65535 is white": (tiff(DEEP.astype(np.float32)), GREY),
    "float, PFM": (saved(Image.fromarray((GREY / 255).astype(np.float32)), "PPM"), GREY),
    "RGB of 16 bits": (tiff(WIDE, "rgb"), COLOR),
    "RGB of 16 bits, the other byte order": (tiff(WIDE.astype(">u2"), "rgb", byteorder=">"), COLOR),
    "RGB of 16 bits, planes": (tiff(planes(WIDE), "rgb", planarconfig="separate"), COLOR),
    "RGB of 16 bits, planes, the other order": (
        tiff(planes(WIDE).astype(">u2"), "rgb", planarconfig="separate", byteorder=">"),
        COLOR,
    ),
    "RGB of 16 bits, planes, deflated": (tiff(planes(WIDE), "rgb", planarconfig="separate", compression="zlib"), COLOR),
    "RGB of 16 bits, PPM": (b"P6 64 48 65535\n" + WIDE.astype(">u2").tobytes(), COLOR),
    "RGBA of 16 bits": (tiff(opaque(WIDE), "rgb", extrasamples=["unassalpha"]), COLOR),
    "RGB of 12 bits in 16": (tiff(of(COLOR, 4095, np.uint16), "rgb"), COLOR),
    "RGB of 12 bits in 16, deflated": (tiff(of(COLOR, 4095, np.uint16), "rgb", compression="zlib"), COLOR),
    "RGB of 10 bits in 16, planes": (tiff(planes(of(COLOR, 1023, np.uint16)), "rgb", planarconfig="separate"), COLOR),
    "RGB of 8 bits in 16": (tiff(COLOR.astype(np.uint16), "rgb"), COLOR),
}

REFUSED: dict[str, tuple[bytes, str]] = {
    "float of 64 bits": (tiff((GREY / 255).astype(np.float64)), "of an unusual kind such as 64-bit numbers"),
    "float colours": (tiff((COLOR / 255).astype(np.float32), "rgb"), "of an unusual kind such as 64-bit numbers"),
    "RGB of 12 bits in 16, planes, deflated": (
        tiff(planes(of(COLOR, 4095, np.uint16)), "rgb", planarconfig="separate", compression="zlib"),
        "few bits of 16 in compressed planes",
    ),
    "heights": (tiff(GREY.astype(np.int32) - 40), r"numbers below zero \(down to -40\)"),
    "depths with holes": (tiff(np.where(GREY > 9, GREY, np.nan).astype(np.float32)), "numbers that are none"),
    "distances": (tiff(GREY.astype(np.float32) * 1e6), "numbers up to 2.55e[+]08, of which none is known to be white"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_read_is_within_a_level_of_the_truth(name: str) -> None:
    data, truth = RIGHT[name]
    pixels = np.asarray(decode(data, "x")).astype(int)
    expected = truth if truth.ndim == 3 else np.repeat(truth[..., None], 3, axis=2)
    assert pixels.shape == expected.shape
    assert np.abs(pixels - expected.astype(int)).max() <= 1


def test_colours_of_the_eye_are_near_the_truth() -> None:
    """By the colour management of Pillow, since 8 bits of CIELAB are themselves some levels off."""
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    to_rgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    lab = to_lab.apply(Image.fromarray(COLOR))
    truth = np.asarray(to_rgb.apply(lab)).astype(int)
    pixels = np.asarray(decode(saved(lab, "TIFF"), "x")).astype(int)
    assert np.abs(pixels - truth).max() <= 1
    assert np.abs(pixels - COLOR).mean() < 5


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_right_is_refused(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(UnreadableImage, match=f"^x: .*{reason}.*: save it"):
        decode(data, "x")
