"""Raw photographs as makers lay them out, each around a preview of known colours."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.decode import decode, decode_pixels
from podoba.images.formats.raw import preview_of
from podoba.images.resize import PixelRule

Entry = tuple[int, int, Sequence[int]]  # tag, TIFF type, values
SHORT, LONG, ASCII = 3, 4, 2
CFA, SUB = 32803, 330


def jpeg(color: tuple[int, int, int], size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


LOSSLESS = b"\xff\xd8\xff\xc3\x00\x11\x0e" + bytes(90_000)  # values of a sensor: larger than any preview, and no picture
SMALL, LARGE = jpeg((255, 0, 0), (160, 120)), jpeg((0, 128, 255), (900, 600))
MADE: list[Entry] = [
    (271, ASCII, b"Makers\0"),
    (272, ASCII, b"Model 1\0"),
    (306, ASCII, b"1969:07:20 20:17:40\0"),
    (274, SHORT, (6,)),
]


class Raw:
    """A TIFF file that grows: blocks of bytes, and directories that name them."""

    def __init__(self, order: str = "<", mark: bytes = b"") -> None:
        self.order, self.body = order, bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4) + mark)
        self.previous = 4

    def add(self, block: bytes) -> int:
        self.body += bytes(len(self.body) % 2)
        self.body += block
        return len(self.body) - len(block)

    def directory(self, entries: list[Entry], chained: bool = True) -> int:
        rows = b""
        for tag, kind, values in sorted(entries, key=lambda entry: entry[0]):
            code = {SHORT: "H", LONG: "I"}.get(kind, "")
            packed = values if isinstance(values, bytes) else struct.pack(f"{self.order}{len(values)}{code}", *values)
            value = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack(self.order + "I", self.add(packed))
            rows += struct.pack(self.order + "HHI", tag, kind, len(values)) + value
        place = self.add(struct.pack(self.order + "H", len(entries)) + rows + bytes(4))
        if chained:
            struct.pack_into(self.order + "I", self.body, self.previous, place)
            self.previous = len(self.body) - 4
        return place

    def strip(self, block: bytes) -> list[Entry]:
        return [(273, LONG, (self.add(block),)), (279, LONG, (len(block),))]

    def embedded(self, block: bytes) -> list[Entry]:
        return [(513, LONG, (self.add(block),)), (514, LONG, (len(block),))]


def size(width: int, height: int) -> list[Entry]:
    return [(256, LONG, (width,)), (257, LONG, (height,))]


REDUCED: Entry = (254, LONG, (1,))  # what a directory says whose picture is a smaller one
SENSOR = [*size(6000, 4000), (262, SHORT, (CFA,))]


def dng() -> bytes:
    """A small bitmap first; the sensor and the preview in directories below it."""
    raw = Raw()
    sensor = raw.directory([*SENSOR, (259, SHORT, (7,)), *raw.strip(LOSSLESS)], chained=False)
    shown = raw.directory([REDUCED, *size(900, 600), (259, SHORT, (7,)), (262, SHORT, (6,)), *raw.strip(LARGE)], chained=False)
    bitmap = [*size(64, 48), (258, SHORT, (8, 8, 8)), (262, SHORT, (2,)), (277, SHORT, (3,)), *raw.strip(bytes(64 * 48 * 3))]
    raw.directory([REDUCED, *bitmap, *MADE, (SUB, LONG, (sensor, shown))])
    return bytes(raw.body)


def cr2() -> bytes:
    """The preview first, then a thumbnail, and the sensor last, without a photometric interpretation."""
    raw = Raw(mark=b"CR\2\0" + bytes(4))
    raw.directory([*size(900, 600), (259, SHORT, (6,)), *raw.strip(LARGE), *MADE])
    raw.directory(raw.embedded(SMALL))
    raw.directory([*size(6000, 4000), (259, SHORT, (6,)), *raw.strip(LOSSLESS)])
    return bytes(raw.body)


def nef() -> bytes:
    """Big-endian; a bitmap first, the preview and the sensor below it."""
    raw = Raw(">")
    shown = raw.directory([REDUCED, (259, SHORT, (6,)), *raw.embedded(LARGE)], chained=False)
    sensor = raw.directory([*SENSOR, (259, SHORT, (34713,)), *raw.strip(bytes(90_000))], chained=False)
    raw.directory([REDUCED, *size(16, 12), (262, SHORT, (2,)), *raw.strip(bytes(576)), *MADE, (SUB, LONG, (shown, sensor))])
    return bytes(raw.body)


def arw() -> bytes:
    """The preview in the first directory, a thumbnail in the second, the sensor below."""
    raw = Raw()
    sensor = raw.directory([*SENSOR, (259, SHORT, (32767,)), *raw.strip(bytes(90_000))], chained=False)
    raw.directory([REDUCED, (259, SHORT, (6,)), *raw.embedded(LARGE), *MADE, (SUB, LONG, (sensor,))])
    raw.directory([REDUCED, (259, SHORT, (6,)), *raw.embedded(SMALL)])
    return bytes(raw.body)


RAWS = {"dng": dng, "cr2": cr2, "nef": nef, "arw": arw}


@pytest.mark.parametrize("name", RAWS)
def test_a_raw_photograph_is_its_largest_preview_turned_as_the_photograph_says(name: str) -> None:
    data = RAWS[name]()
    decoded = decode_pixels(data, "x", PixelRule(8))
    assert (decoded.width, decoded.height, decoded.format) == (600, 900, "RAW")
    assert decoded.exif == {"taken": "1969-07-20T20:17:40", "camera": "Makers Model 1"}
    expected: NDArray[np.int64] = np.array([0, 128, 255])
    assert np.abs(np.asarray(decode(data, "x")).astype(int) - expected).max() <= 3


def test_a_tiff_that_is_no_raw_photograph_is_left_to_its_decoder() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(buffer, "TIFF", compression="jpeg")
    assert preview_of(buffer.getvalue(), "x") is None
    assert decode_pixels(buffer.getvalue(), "x", PixelRule(8)).format == "TIFF"
    assert preview_of(LARGE, "x") is preview_of(b"II*\0", "x") is None


def test_a_raw_photograph_without_a_preview_is_refused() -> None:
    raw = Raw()
    raw.directory([*SENSOR, *raw.strip(LOSSLESS)])
    with pytest.raises(UnreadableImage, match=r"^x: a raw photograph without a preview in it: save it as JPEG"):
        decode(bytes(raw.body), "x")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(RAWS)), st.data())
def test_damaged_raw_photographs_are_read_or_refused(name: str, data: st.DataObject) -> None:
    damaged = bytearray(RAWS[name]())
    tables = [place for place in range(len(damaged)) if damaged[place : place + 8] != bytes(8)]
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[tables[data.draw(st.integers(0, len(tables) - 1))]] = data.draw(st.integers(0, 255))
    try:
        outcome = decode(bytes(damaged[: data.draw(st.integers(8, len(damaged)))]), "x").mode
    except UnreadableImage as error:
        outcome = error.reason
    assert outcome
