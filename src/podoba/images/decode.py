"""Encoded bytes to RGB pixels, safely: listed formats only, one bound on pixels, one error for whatever goes wrong.

Every image that is decoded passes here, whoever needs it: for indexing, queries, training, evaluation, thumbnails and reports.
"""

import io
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from podoba.errors import PodobaError, SourceError, UnreadableImage
from podoba.files import shown
from podoba.images.exif import read_exif
from podoba.images.limits import LIMITS, DecodeLimits, pixels_needed, pixels_to_open, room
from podoba.images.record import Attribute, ImageRecord
from podoba.images.resize import Resize, resize, upright

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "ICO", "TGA")  # and MPO, which Pillow opens as JPEG
REDUCIBLE = ("JPEG", "MPO")  # formats that can be decoded at a reduced scale
SIDEWAYS = range(5, 9)  # EXIF orientations that exchange width and height

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels of an upright image."""


@dataclass(frozen=True)
class Decoded:
    """Pixels for an encoder, and what the file says of itself.

    Attributes:
        pixels: uint8 (size, size, 3).
        width, height: of the whole image in pixels, upright.
        format: as Pillow names it.
        exif: as `read_exif`.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    exif: Mapping[str, Attribute]


def decode_pixels(
    data: bytes, uri: str, size: int, rule: Resize, box: Box | None = None, limits: DecodeLimits = LIMITS
) -> Decoded:
    """The pixels of an encoded image, as `resize` makes them square.

    Args:
        data: the file's bytes.
        uri: named in the error.
        box: only this part of the image.

    Raises:
        UnreadableImage: whatever the decoder throws, an unlisted format, more pixels than the limits allow.
        SourceError: the box lies outside of the image.
    """
    with _opened(data, uri, limits) as picture:
        stated, kind = picture.size, picture.format or ""
        with _reduced(picture, data, uri, 2 * size, box, limits):
            exif = read_exif(picture)  # for which Pillow decodes a PNG
            whole = upright(picture)
            width, height = _upright_size(picture, stated) if kind in REDUCIBLE else whole.size
            part = whole if box is None else _cut(whole, box, (width, height), uri)
            raw = resize(part, size, rule).tobytes()
    pixels = np.frombuffer(raw, dtype=np.uint8).reshape(size, size, 3)  # quicker than np.asarray, which weighs on small pictures
    return Decoded(pixels, width, height, kind, exif)


def load_pixels(
    record: ImageRecord, size: int, rule: Resize, box: Box | None = None, limits: DecodeLimits = LIMITS
) -> NDArray[np.uint8]:
    """Pixels (size, size, 3), uint8, of a record. Raises as `decode_pixels`, and `UnreadableImage` where it cannot be read."""
    return decode_pixels(record.open(), record.uri, size, rule, box, limits).pixels


def decode(data: bytes, uri: str, side: int | None = None, limits: DecodeLimits = LIMITS) -> Image.Image:
    """An upright RGB picture of encoded bytes.

    Args:
        side: of the longer side in pixels at most; None: the picture as large as it is.

    Raises:
        UnreadableImage: as `decode_pixels`.
    """
    with _opened(data, uri, limits) as picture, _reduced(picture, data, uri, side and 2 * side, None, limits):
        whole = upright(picture)
        if side is not None:
            whole.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
        return whole


def picture_pixels(
    picture: Image.Image | NDArray[np.uint8],
    name: str,
    size: int,
    rule: Resize,
    box: Box | None = None,
    limits: DecodeLimits = LIMITS,
) -> NDArray[np.uint8]:
    """Pixels (size, size, 3), uint8, of a picture that a program has; Pillow may have opened it and not read it yet.

    Args:
        picture: of any mode, or uint8 (H, W, 3) or (H, W).
        name: named in the error.
        box: only this part of the picture.

    Raises:
        UnreadableImage, SourceError: as `decode_pixels`.
    """
    with _upright(picture, name, limits) as whole:
        return np.asarray(resize(whole if box is None else _cut(whole, box, whole.size, name), size, rule))


def upright_picture(picture: Image.Image | NDArray[np.uint8], name: str, limits: DecodeLimits = LIMITS) -> Image.Image:
    """A picture that a program has as upright RGB, whole. Arguments and errors as of `picture_pixels`."""
    with _upright(picture, name, limits) as whole:
        return whole


def _cut(picture: Image.Image, box: Box, whole: tuple[int, int], name: str) -> Image.Image:
    """As much of a picture as lies in a box.

    Args:
        picture: upright, perhaps at a reduced scale.
        whole: its size before, in which the box is given.

    Raises:
        SourceError: nothing lies in the box.
    """
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    right, bottom = min(whole[0], round(box[0] + box[2])), min(whole[1], round(box[1] + box[3]))
    if right <= left or bottom <= top:
        raise SourceError(f"{shown(name)}: the box lies outside: the image has {whole[0]}x{whole[1]} pixels")
    across, down = picture.width / whole[0], picture.height / whole[1]
    left, top = min(round(left * across), picture.width - 1), min(round(top * down), picture.height - 1)
    return picture.crop((left, top, max(left + 1, round(right * across)), max(top + 1, round(bottom * down))))


@contextmanager
def _opened(data: bytes, uri: str, limits: DecodeLimits) -> Iterator[Image.Image]:
    """A picture whose header was read; whatever is thrown while it is in use becomes `UnreadableImage`."""
    if not data:
        raise UnreadableImage(uri, "the file is empty")
    at_once = pixels_to_open(data)
    if at_once > limits.decoded:
        raise UnreadableImage(uri, f"an icon of {at_once} pixels{_most(limits.decoded)}")
    with _Named(uri), _QUIET, room(limits.decoded).hold(at_once):
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > limits.image:
            raise _too_large(picture.size, uri, limits.image)
        yield picture


@contextmanager
def _upright(picture: Image.Image | NDArray[np.uint8], name: str, limits: DecodeLimits) -> Iterator[Image.Image]:
    """A picture that a program has, as upright RGB; there is room for it while it is in use."""
    with _Named(name), _QUIET:
        if isinstance(picture, np.ndarray):
            picture = Image.fromarray(np.ascontiguousarray(picture))
        pixels = picture.width * picture.height
        if pixels > limits.decoded:
            raise _too_large(picture.size, name, limits.decoded)
        with room(limits.decoded).hold(pixels):
            with _LOADING:
                picture.load()
            yield upright(picture)


@contextmanager
def _reduced(
    picture: Image.Image, data: bytes, uri: str, side: int | None, box: Box | None, limits: DecodeLimits
) -> Iterator[None]:
    """Choose the scale at which a JPEG is decoded, at least `side` across it, or across the box; then wait for room for it."""
    stated = picture.size
    if side is not None and picture.format in REDUCIBLE:
        across, down = _upright_size(picture, stated)
        wide, high = (side, side) if box is None else (side * across / max(1, box[2]), side * down / max(1, box[3]))
        picture.draft("RGB", (int(high), int(wide)) if _is_sideways(picture) else (int(wide), int(high)))
    pixels = pixels_needed(picture, data, stated[0] * stated[1])
    if pixels > limits.decoded:
        raise _too_large(stated, uri, limits.decoded)
    with room(limits.decoded).hold(pixels):
        yield


class _Named:
    """Errors of a decoder as `UnreadableImage`: it throws far more than OSError, such as SyntaxError and struct.error."""

    __slots__ = ("_uri",)

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, PodobaError):
            raise UnreadableImage(self._uri, _reason(error)) from error


def _too_large(size: tuple[int, int], uri: str, most: int) -> UnreadableImage:
    return UnreadableImage(uri, f"{size[0]}x{size[1]} pixels{_most(most)}")


def _most(pixels: int) -> str:
    return f", of which at most {pixels / 1e6:g} million can be decoded: save a smaller copy, as JPEG"


def _is_sideways(picture: Image.Image) -> bool:
    return picture.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS


def _upright_size(picture: Image.Image, stated: tuple[int, int]) -> tuple[int, int]:
    return (stated[1], stated[0]) if _is_sideways(picture) else stated


class _Quiet:
    """While any thread decodes Pillow's warnings are off: what they warn of is handled here. Filters belong to all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._inside += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._filters.__exit__(kind, error, trace)


_QUIET = _Quiet()
_LOADING = threading.Lock()  # one picture may be given to several threads, and its file can be read by one of them


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not an image of a known format"
    if isinstance(error, MemoryError):
        return "too large for the memory"
    return " ".join(str(error).split())[:160] or type(error).__name__
