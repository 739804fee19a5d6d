"""What decoding an image may take: how many pixels it needs, known from its first bytes, and how many all threads may hold."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Self

from PIL import Image

from podoba.errors import UnreadableImage

ICON, PNG = b"\0\0\1\0", b"\x89PNG\r\n\x1a\n"
TILE_WIDTH, TILE_LENGTH = 322, 323  # TIFF tags
SCAN, FILL = 0xDA, 0xFF  # JPEG markers
CODESTREAM = b"\xff\x4f\xff\x51"  # with which a JPEG 2000 picture begins: its size follows


@dataclass(frozen=True)
class DecodeLimits:
    """The one bound on pixels, for every image that is decoded.

    Attributes:
        image: pixels that the file of an image may state; beyond them decoding takes too long even at a reduced scale.
        decoded: pixels in memory at a time, of all threads together: 4 bytes each, 10 where they are converted. An image that
            needs more by itself is refused; a JPEG needs those of its reduced scale.
        exact: pixels up to which a JPEG is decoded whole where a rule of pixels asks for that; None: as many as `decoded`.
    """

    image: int = 300_000_000
    decoded: int = 100_000_000
    exact: int | None = None


LIMITS = DecodeLimits()


class TooManyPixels(UnreadableImage):
    """An image that needs more pixels in memory than `DecodeLimits.decoded`."""


def pixels_needed(picture: Image.Image, data: bytes, stated: int) -> int:
    """How many pixels will be in memory once an opened image is decoded, at the scale that `Image.draft` chose.

    What a file states is not always what its decoder takes: the tiles of a TIFF file have a size of their own, WebP's decoder
    keeps two more frames, as Pillow does of a GIF or PNG that moves, and of a JPEG of several scans all coefficients are kept.
    JPEG 2000 and JPEG XL are decoded in four bytes a colour.

    Args:
        picture: opened by Pillow, not yet loaded.
        data: the bytes that it was opened from.
        stated: width times height before `Image.draft`.
    """
    pixels = picture.width * picture.height
    match picture.format:
        case "JPEG" | "MPO":
            several = "progressive" in picture.info or _first_scan(data) != len(picture.getbands())
            return stated if several else pixels
        case "WEBP" | "JXL":
            return 2 * pixels
        case "GIF" | "PNG":
            return 3 * pixels if getattr(picture, "is_animated", False) else pixels
        case "JPEG2000":
            return 2 * max(pixels, *_inside_codestream(data))
        case "ICO":
            return pixels_to_open(data)  # it is decoded already
        case "TIFF":
            tags = picture.tag_v2  # type: ignore[attr-defined]
            return max(pixels, int(tags.get(TILE_WIDTH, 1)) * int(tags.get(TILE_LENGTH, 1)))
    return pixels


def pixels_to_open(data: bytes) -> int:
    """How many pixels Pillow decodes when it opens a file, before it says how large it is: those inside an ICO file."""
    return max(_inside_icon(data), default=0) if data.startswith(ICON) else 0


@cache
def room(pixels: int) -> Room:
    """The room that all threads of this process share under a limit."""
    return Room(pixels)


class Room:
    """Pixels that may be in memory at a time."""

    def __init__(self, pixels: int) -> None:
        self._all = self._free = pixels
        self._changed = threading.Condition()

    def hold(self, pixels: int) -> Held:
        """Take so many pixels, as soon as they are free; more than the room has are all of it."""
        return Held(self, self.at_most(pixels))

    def at_most(self, pixels: int) -> int:
        """So many pixels, or all of the room."""
        return min(pixels, self._all)

    def take(self, pixels: int) -> None:
        """Wait until so many pixels are free, and take them."""
        with self._changed:
            if self._free < pixels:
                self._changed.wait_for(lambda: self._free >= pixels)
            self._free -= pixels

    def give_back(self, pixels: int) -> None:
        """Let others have them."""
        with self._changed:
            self._free += pixels
            self._changed.notify_all()


class Held:
    """Pixels that are taken inside `with`; a class, since a generator costs as much as decoding a small image."""

    __slots__ = ("_pixels", "_room")

    def __init__(self, room: Room, pixels: int) -> None:
        self._room, self._pixels = room, pixels

    def __enter__(self) -> Self:
        if self._pixels:
            self._room.take(self._pixels)
        return self

    def change(self, pixels: int) -> None:
        """Take so many instead, at most all of the room; what was taken is given back first, so that nobody waits for another."""
        if self._pixels:
            self._room.give_back(self._pixels)
        self._pixels = self._room.at_most(pixels)
        if self._pixels:
            self._room.take(self._pixels)

    def __exit__(self, *_: object) -> None:
        if self._pixels:
            self._room.give_back(self._pixels)


def _first_scan(data: bytes) -> int:
    """How many colour components the first scan of a JPEG file has; 0 where its segments cannot be followed."""
    place = 2
    while place + 5 <= len(data) and data[place] == FILL:
        marker = data[place + 1]
        if marker == SCAN:
            return data[place + 4]
        place += 1 if marker == FILL else 2 + int.from_bytes(data[place + 2 : place + 4])
    return 0


def _inside_codestream(data: bytes) -> Iterator[int]:
    """Pixels of a JPEG 2000 picture as its codestream states them, and 0: its header may state fewer."""
    yield 0
    place = data.find(CODESTREAM)
    if place >= 0:
        right, down, left, top = struct.unpack_from(">4I", data[place + 8 : place + 24].ljust(16, b"\0"))
        yield max(0, right - left) * max(0, down - top)


def _inside_icon(data: bytes) -> Iterator[int]:
    """Pixels of each image inside an ICO file, as its own header states them."""
    for entry in range(6, 6 + 16 * int.from_bytes(data[4:6], "little"), 16):
        start = int.from_bytes(data[entry + 12 : entry + 16], "little")
        head = data[start : start + 24]
        if head.startswith(PNG):
            yield int.from_bytes(head[16:20]) * int.from_bytes(head[20:24])
        else:  # a bitmap, whose height counts the mask too
            width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (4, 8))
            yield abs(width * height) // 2
