"""Encoded bytes to RGB pixels, safely: listed formats only, a cap on pixels, one error for whatever goes wrong."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from podoba.errors import UnreadableImage
from podoba.images.exif import read_exif
from podoba.images.record import Attribute, ImageRecord

Resize = Literal["stretch", "crop", "pad"]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "ICO", "TGA")  # and MPO, which Pillow opens as JPEG
MAX_PIXELS = 300_000_000  # about the largest a camera or a scanner makes; beyond it lies the decompression bomb
PIXELS_AT_ONCE = 100_000_000  # decoded by all threads together, in `decode_pixels`: 300 MB as RGB
SIDEWAYS = range(5, 9)  # EXIF orientations that exchange width and height


@dataclass(frozen=True)
class Decoded:
    """Pixels for an encoder, and what the file says of itself.

    Attributes:
        pixels: uint8 (size, size, 3).
        width, height: of the whole picture, upright.
        format: as Pillow names it.
        exif: as `read_exif`.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    exif: Mapping[str, Attribute]


def decode_pixels(data: bytes, uri: str, size: int, rule: Resize) -> Decoded:
    """As `decode` and `resize`; all threads together hold at most `PIXELS_AT_ONCE` pixels, or one larger picture.

    Raises:
        UnreadableImage: as `decode`.
    """
    with _opened(data, uri) as picture:
        width, height, kind, exif = *picture.size, picture.format or "", read_exif(picture)
        if picture.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS:
            width, height = height, width
        picture.draft("RGB", (2 * size, 2 * size))
        with _ROOM.hold(picture.width * picture.height):
            raw = resize(upright(picture), size, rule).tobytes()
    pixels = np.frombuffer(raw, dtype=np.uint8).reshape(size, size, 3)  # quicker than np.asarray, which weighs on small pictures
    return Decoded(pixels, width, height, kind, exif)


def decode(data: bytes, uri: str, size: int | None = None) -> Image.Image:
    """An upright RGB picture of encoded bytes.

    Args:
        data: the file's bytes.
        uri: named in the error.
        size: side in pixels that will be needed; JPEG is then decoded at a reduced scale, at least twice that.

    Raises:
        UnreadableImage: whatever the decoder throws, an unlisted format, too many pixels.
    """
    with _opened(data, uri) as picture:
        if size is not None:
            picture.draft("RGB", (2 * size, 2 * size))
        return upright(picture)


@contextmanager
def _opened(data: bytes, uri: str) -> Iterator[Image.Image]:
    """A picture whose header was read; whatever is thrown while it is held becomes `UnreadableImage`."""
    if not data:
        raise UnreadableImage(uri, "the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the pixel cap is checked below, before anything is decoded
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise UnreadableImage(uri, f"{picture.width}x{picture.height} pixels, more than {MAX_PIXELS} are refused")
            yield picture
    except UnreadableImage:
        raise
    except Exception as error:  # decoders throw far more than OSError: SyntaxError, struct.error, MemoryError ...
        raise UnreadableImage(uri, _reason(error)) from error


def resize(picture: Image.Image, size: int, rule: Resize) -> Image.Image:
    """A square picture of side `size`: stretch the whole, crop the centre, or pad to a square with the mean colour."""
    if rule == "stretch":
        return picture.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    if rule == "crop":
        return ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
    small = ImageOps.contain(picture, (size, size), Image.Resampling.BICUBIC)
    mean = tuple(int(c) for c in np.asarray(small).reshape(-1, 3).mean(axis=0))
    square = Image.new("RGB", (size, size), mean)
    square.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
    return square


def load_pixels(record: ImageRecord, size: int, rule: Resize) -> NDArray[np.uint8]:
    """Pixels (size, size, 3), uint8, of a record. Raises `UnreadableImage`."""
    return np.asarray(resize(decode(record.open(), record.uri, size), size, rule))


class _Room:
    """Pixels that may be held at a time; a picture larger than all of them is let in alone."""

    def __init__(self, pixels: int) -> None:
        self._all = self._free = pixels
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, pixels: int) -> Iterator[None]:
        wanted = min(pixels, self._all)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()


_ROOM = _Room(PIXELS_AT_ONCE)


def upright(picture: Image.Image) -> Image.Image:
    """A picture as RGB, turned as its EXIF says."""
    picture.load()
    turned = picture.getexif().get(ExifTags.Base.Orientation, 1) != 1
    return _to_rgb(ImageOps.exif_transpose(picture) if turned else picture)


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return Image.fromarray((np.asarray(picture).astype(np.float64) / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return picture.convert("RGB")


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not an image of a known format"
    if isinstance(error, MemoryError):
        return "too large for the memory"
    return " ".join(str(error).split())[:160] or type(error).__name__
