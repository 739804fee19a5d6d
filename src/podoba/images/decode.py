"""Encoded bytes to RGB pixels, safely: listed formats only, one bound on pixels, one error for whatever goes wrong.

Every image that is decoded passes here, whoever needs it: for indexing, queries, training, evaluation, thumbnails and reports.
"""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from podoba.errors import PodobaError, SourceError, UnreadableImage
from podoba.files import shown
from podoba.images.exif import exif_of, orientation_of, read_exif
from podoba.images.formats.frames import showing
from podoba.images.formats.openers import open_picture
from podoba.images.formats.pillow import PILLOW
from podoba.images.formats.raw import preview_of
from podoba.images.formats.wide_colors import is_dim, is_wide, joined, only_lower
from podoba.images.formats.words import meaning_of
from podoba.images.limits import LIMITS, DecodeLimits, Held, TooManyPixels, pixels_needed, pixels_to_open, room
from podoba.images.record import Attribute, ImageRecord
from podoba.images.resize import PixelRule, resize, upright

REDUCIBLE = ("JPEG", "MPO")  # formats that can be decoded at a reduced scale
EXIF_FIRST = ("JPEG", "MPO", "TIFF")  # whose EXIF is read before they are decoded: for others Pillow decodes them for it
RAW = "RAW"  # what the preview of a raw photograph is called, whatever its own format
TURNED = ("JXL",)  # formats whose decoders turn the picture and leave its EXIF as it was
SIDEWAYS = range(5, 9)  # EXIF orientations that exchange width and height

log = logging.getLogger(__name__)

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels of an upright image."""


@dataclass(frozen=True)
class Decoded:
    """Pixels for an encoder, and what the file says of itself.

    Attributes:
        pixels: uint8 (size, size, 3).
        width, height: of the whole image in pixels, upright.
        format: as Pillow names it; `RAW` of a raw photograph.
        exif: as `read_exif`.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    exif: Mapping[str, Attribute]


class Picture(NamedTuple):
    """An upright RGB picture, perhaps at a reduced scale.

    Attributes:
        width, height: of the whole image in pixels, upright.
        format: as Pillow names it; `RAW` of a raw photograph.
    """

    picture: Image.Image
    width: int
    height: int
    format: str


def decode_pixels(data: bytes, uri: str, rule: PixelRule, box: Box | None = None, limits: DecodeLimits = LIMITS) -> Decoded:
    """The pixels of an encoded image, as `resize` makes them square.

    Args:
        data: the file's bytes.
        uri: named in the error.
        box: only this part of the image.

    Raises:
        UnreadableImage: whatever the decoder throws, an unlisted format, numbers that are no brightness, an extra that is not
            installed, more pixels than the limits allow.
        SourceError: the box lies outside of the image.
    """
    with _loaded(data, uri, 2 * rule.side, box, limits, exact=rule.exact) as seen:
        whole = upright(seen.picture, seen.orientation)
        width, height = seen.size_of(whole)
        part = whole if box is None else _cut(whole, box, (width, height), uri)
        raw = resize(part, rule).tobytes()
        kind, exif = seen.kind, read_exif(seen.exif)
    pixels = np.frombuffer(raw, np.uint8).reshape(rule.size, rule.size, 3)  # quicker than np.asarray: it weighs on small ones
    return Decoded(pixels, width, height, kind, exif)


def load_pixels(record: ImageRecord, rule: PixelRule, box: Box | None = None, limits: DecodeLimits = LIMITS) -> NDArray[np.uint8]:
    """Pixels (size, size, 3), uint8, of a record. Raises as `decode_pixels`, and `UnreadableImage` where it cannot be read."""
    return decode_pixels(record.open(), record.uri, rule, box, limits).pixels


def decode(data: bytes, uri: str, side: int | None = None, limits: DecodeLimits = LIMITS) -> Image.Image:
    """An upright RGB picture of encoded bytes.

    Args:
        side: of the longer side in pixels at most; None: the picture as large as it is.

    Raises:
        UnreadableImage: as `decode_pixels`.
    """
    return decode_picture(data, uri, side, limits).picture


def decode_picture(data: bytes, uri: str, side: int | None = None, limits: DecodeLimits = LIMITS) -> Picture:
    """As `decode`, with what is known of the whole image."""
    with _loaded(data, uri, side and 2 * side, None, limits) as seen:
        whole = upright(seen.picture, seen.orientation)
        width, height = seen.size_of(whole)
        if side is not None:
            whole.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
        return Picture(whole, width, height, seen.kind)


def picture_pixels(
    picture: Image.Image | NDArray[np.uint8],
    name: str,
    rule: PixelRule,
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
        return np.asarray(resize(whole if box is None else _cut(whole, box, whole.size, name), rule))


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


class _Loaded(NamedTuple):  # made for every image, so it must be made quickly
    """A picture that was decoded whole, perhaps at a reduced scale.

    Attributes:
        kind: its format, as Pillow names it.
        stated: its size as the file states it, before it is turned.
        orientation: as EXIF counts; 1 where it is upright.
        is_reduced: whether it is smaller than stated.
    """

    picture: Image.Image
    kind: str
    stated: tuple[int, int]
    exif: Image.Exif
    orientation: int
    is_reduced: bool

    def size_of(self, whole: Image.Image) -> tuple[int, int]:
        """Width and height of the upright image at its full scale."""
        return _turned(self.stated, self.orientation) if self.is_reduced else whole.size


@contextmanager
def _loaded(
    data: bytes, uri: str, side: int | None, box: Box | None, limits: DecodeLimits, *, exact: bool = False
) -> Iterator[_Loaded]:
    """A picture that was decoded; there is room for it while it is in use, and whatever is thrown becomes `UnreadableImage`.

    Args:
        side: pixels that are wanted across it, or across the box: a JPEG is decoded at a scale that has them; None: the whole.
        exact: not if it can be decoded whole.
    """
    if not data:
        raise UnreadableImage(uri, "the file is empty")
    at_once = pixels_to_open(data)
    if at_once > limits.decoded:
        raise TooManyPixels(uri, f"an icon of {at_once} pixels{_most(limits.decoded)}")
    with _Named(uri), PILLOW, room(limits.decoded).hold(at_once) as held:
        raw = preview_of(data, uri)
        data = data if raw is None else raw.data
        picture = _open(data, uri, limits)
        stated, kind, wide = picture.size, picture.format or "", is_wide(picture)
        exif = raw.exif if raw is not None else exif_of(picture) if kind in EXIF_FIRST else None
        whole_up_to = (limits.decoded if limits.exact is None else limits.exact) if exact else 0
        reducible = kind in REDUCIBLE and stated[0] * stated[1] > whole_up_to
        is_reduced = side is not None and reducible and _reduce(picture, orientation_of(exif), side, box)
        _make_room(held, picture, data, stated, uri, limits)
        try:
            picture.load()
        except Exception as error:
            if not is_reduced or stated[0] * stated[1] > limits.decoded:
                raise
            log.debug("%s: cannot be decoded at a reduced scale: %s", uri, error)  # as a lossless JPEG
            picture, is_reduced = _open(data, uri, limits), False
            _make_room(held, picture, data, stated, uri, limits)
            picture.load()
        exif = exif_of(picture) if exif is None else exif
        orientation = 1 if kind in TURNED else orientation_of(exif)
        whole = _deepened(picture, data, uri, limits) if wide and is_dim(picture) else showing(picture)
        yield _Loaded(whole, kind if raw is None else RAW, stated, exif, orientation, is_reduced)


def _deepened(picture: Image.Image, data: bytes, uri: str, limits: DecodeLimits) -> Image.Image:
    """A picture of wide colours of which the upper eight bits are decoded, with the lower ones."""
    lower = _open(data, uri, limits)
    only_lower(lower)
    lower.load()
    return joined(picture, lower)


def _open(data: bytes, uri: str, limits: DecodeLimits) -> ImageFile:
    picture = open_picture(data, uri)
    pixels = picture.width * picture.height
    _refuse_empty(picture.size, uri)
    if pixels > limits.image:
        raise UnreadableImage(uri, _too_large(picture.size, limits.image))
    return picture


def _reduce(picture: Image.Image, orientation: int, side: int, box: Box | None) -> bool:
    """Choose the scale at which a JPEG is decoded, at least `side` across it, or across the box; False where it is the whole."""
    stated = picture.size
    across, down = _turned(stated, orientation)
    wide, high = (side, side) if box is None else (side * across / max(1, box[2]), side * down / max(1, box[3]))
    picture.draft("RGB", _turned((int(wide), int(high)), orientation))
    return picture.size != stated


def _make_room(held: Held, picture: Image.Image, data: bytes, stated: tuple[int, int], uri: str, limits: DecodeLimits) -> None:
    """Wait for room for a picture at the scale that was chosen. Raises `UnreadableImage` where it needs more than all of it."""
    pixels = pixels_needed(picture, data, stated[0] * stated[1])
    if pixels > limits.decoded:
        raise TooManyPixels(uri, _too_large(stated, limits.decoded))
    held.change(pixels)


@contextmanager
def _upright(picture: Image.Image | NDArray[np.uint8], name: str, limits: DecodeLimits) -> Iterator[Image.Image]:
    """A picture that a program has, as upright RGB; there is room for it while it is in use."""
    with _Named(name), PILLOW:
        if isinstance(picture, np.ndarray):
            _refuse_empty(picture.shape[1::-1], name)
            picture = Image.fromarray(np.ascontiguousarray(picture))
        _refuse_empty(picture.size, name)
        pixels = picture.width * picture.height
        if pixels > limits.decoded:
            raise TooManyPixels(name, _too_large(picture.size, limits.decoded))
        with room(limits.decoded).hold(pixels):
            with _LOADING:
                _load_once(picture)
            yield upright(picture, orientation_of(exif_of(picture)))


def _load_once(picture: Image.Image) -> None:
    """Decode a picture; one that fails is closed, since Pillow would give what it has of it for the whole the next time."""
    try:
        picture.load()
    except Exception:
        picture.close()
        raise


def _refuse_empty(size: Sequence[int], name: str) -> None:
    if not all(size):
        raise UnreadableImage(name, f"no pixels: {size[0]}x{size[1]}")


class _Named:
    """Errors of a decoder as `UnreadableImage`: it throws far more than OSError, such as SyntaxError and struct.error."""

    __slots__ = ("_uri",)

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, PodobaError):
            log.debug("%s: %s: %s", self._uri, type(error).__name__, error)
            raise UnreadableImage(self._uri, meaning_of(error)) from error


def _too_large(size: tuple[int, int], most: int) -> str:
    return f"{size[0]}x{size[1]} pixels{_most(most)}"


def _most(pixels: int) -> str:
    return f", of which at most {pixels / 1e6:g} million can be decoded: save a smaller copy, as JPEG"


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height once a picture is turned upright; or before, from those of the upright one."""
    return (size[1], size[0]) if orientation in SIDEWAYS else size


_LOADING = threading.Lock()  # one picture may be given to several threads, and its file can be read by one of them
