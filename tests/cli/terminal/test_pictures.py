"""Pictures in a terminal: each protocol is read back by a decoder of its own."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from podoba.cli.terminal.pictures import CHUNK, HIGH, WIDE, half_blocks, iterm2, kitty, strip


@pytest.fixture
def sheet() -> Image.Image:
    """60 x 50 pixels of noise, the left ten transparent."""
    pixels = np.random.default_rng(0).integers(0, 256, (50, 60, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    pixels[:, :10, 3] = 0
    return Image.fromarray(pixels)


def test_kittys_pieces_are_a_png(sheet: Image.Image) -> None:
    written = kitty(sheet, 6, 4)
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", written)
    assert pieces[0][0] == "a=T,f=100,c=6,r=4,q=2,m=1"
    assert [facts for facts, _ in pieces[1:]] == ["m=1"] * (len(pieces) - 2) + ["m=0"]
    assert max(len(data) for _, data in pieces) <= CHUNK
    found = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in pieces))))
    np.testing.assert_array_equal(np.asarray(found), np.asarray(sheet))


def test_iterm2s_image_is_a_png_with_its_size(sheet: Image.Image) -> None:
    match = re.fullmatch(
        r"\x1b\]1337;File=inline=1;size=(\d+);width=6;height=4;preserveAspectRatio=0:(.*)\x07", iterm2(sheet, 6, 4)
    )
    assert match is not None
    data = base64.b64decode(match[2])
    assert len(data) == int(match[1])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), np.asarray(sheet))


def test_half_blocks_are_two_pixels_a_character(sheet: Image.Image) -> None:
    lines = half_blocks(sheet, exact=True).splitlines()
    assert len(lines) == 25
    pixels = np.asarray(sheet)
    cells = re.findall(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m▀\x1b\[0m", lines[3])
    assert lines[3].startswith(" " * 10 + "\x1b")
    np.testing.assert_array_equal(np.array(cells, dtype=int), np.hstack([pixels[6, 10:, :3], pixels[7, 10:, :3]]))
    few = half_blocks(sheet, exact=False)
    assert {int(code) for code in re.findall(r"8;5;(\d+)", few)} <= set(range(16, 232))
    upper = Image.fromarray(np.array([[[9, 9, 9, 255]], [[9, 9, 9, 0]]], dtype=np.uint8))
    assert half_blocks(upper, exact=True) == "\x1b[38;2;9;9;9m▀\x1b[0m"
    assert half_blocks(upper.transpose(Image.Transpose.FLIP_TOP_BOTTOM), exact=True) == "\x1b[38;2;9;9;9m▄\x1b[0m"


def test_a_strip_has_as_many_rows_as_the_width_asks_for_and_a_caption_each() -> None:
    red = Image.new("RGB", (40, 20), "red")
    pictures = [(red, f"{i}. a caption that is far too long") for i in range(1, 5)] + [(None, "5. gone")]
    text = strip(pictures, 60, "half-blocks", {})
    plain = re.sub(r"\x1b\[[^m]*m", "", text).splitlines()
    assert len(plain) == 2 * (HIGH + 1)
    assert plain[HIGH].split("  ") == [f"{i}. a caption that is far too long"[:WIDE] for i in (1, 2, 3)]
    assert plain[-1].endswith("5. gone")
    assert max(map(len, plain)) <= 60
    assert strip(pictures, 60, "kitty", {}).count("a=T") == 2
