"""Colours of 16 bits; the table in `test_modes.py` has them decoded."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podoba.images.formats.openers import open_picture
from podoba.images.formats.wide_colors import is_dim, is_wide, joined, only_lower


def written(pixels: NDArray[Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, photometric="rgb", **options)
    return buffer.getvalue()


NUMBERS = np.random.default_rng(0).integers(0, 65536, (8, 9, 3), dtype=np.uint16)


@pytest.mark.parametrize(("compression", "separate"), [(None, True), (None, False), ("zlib", False)])
def test_the_upper_and_the_lower_bits_are_decoded_apart(compression: str | None, separate: bool) -> None:
    pixels = np.ascontiguousarray(np.moveaxis(NUMBERS, 2, 0)) if separate else NUMBERS
    data = written(pixels, compression=compression, planarconfig="separate" if separate else "contig")
    upper, lower = open_picture(data, "x"), open_picture(data, "x")
    assert is_wide(upper)
    only_lower(lower)
    np.testing.assert_array_equal(np.asarray(upper), NUMBERS >> 8)
    np.testing.assert_array_equal(np.asarray(lower), NUMBERS & 255)


def test_colours_of_8_bits_are_not_wide() -> None:
    assert not is_wide(open_picture(written((NUMBERS >> 8).astype(np.uint8)), "x"))


@pytest.mark.parametrize(("most", "white"), [(200, 255), (900, 1023), (3000, 4095), (9000, 16383), (20_000, 65535)])
def test_colours_are_brought_from_the_depth_that_holds_them(most: int, white: int) -> None:
    numbers = NUMBERS % (most + 1)
    numbers[0, 0, 0] = most
    upper, lower = Image.fromarray((numbers >> 8).astype(np.uint8)), Image.fromarray((numbers & 255).astype(np.uint8))
    assert is_dim(upper) is (most < 16384)
    np.testing.assert_array_equal(np.asarray(joined(upper, lower)), np.rint(numbers * (255 / white)))


def test_opacity_is_left_as_it_is() -> None:
    upper, lower = (Image.new("RGBA", (2, 2), color) for color in ((3, 0, 0, 128), (255, 0, 0, 7)))
    assert joined(upper, lower).getpixel((0, 0)) == (255, 0, 0, 128)
