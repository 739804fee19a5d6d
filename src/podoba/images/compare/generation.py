"""Which of two encoded pictures was made from the other: what was lost once is lost in every picture that is made from it."""

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from podoba.images.decode import REDUCIBLE
from podoba.images.exif import exif_of, orientation_of
from podoba.images.formats.openers import open_picture

Pixels = NDArray[np.uint8]
Transpose = Image.Transpose
STORED = {
    2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM, 5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_270,
}  # from an upright picture back to the one that is stored, by its EXIF orientation  # fmt: skip
COARSEST = 255  # step of the tables that an encoder of 8 bits writes
BLOCK = 16  # pixels of the largest block that is encoded together


@dataclass(frozen=True)
class GenerationSettings:
    """How two pictures are compared.

    Attributes:
        side: pixels of the part in the middle that is compared.
        clearly: error with which one is made from the other, as a share of that of the reverse, at most.
    """

    side: int = 256
    clearly: float = 0.5


DEFAULT = GenerationSettings()


@dataclass(frozen=True)
class Encoding:
    """How a JPEG was encoded, so that another picture can be encoded alike.

    Attributes:
        tables: of quantisation, by their number.
        sampling: of the colours, as Pillow numbers it; -1 where it is none of those.
        orientation: EXIF's.
    """

    tables: dict[int, list[int]]
    sampling: int
    orientation: int


def encoding_of(data: bytes, uri: str) -> Encoding | None:
    """How a picture that can be decoded is encoded; None for other formats than JPEG."""
    with open_picture(data, uri) as picture:
        if not isinstance(picture, JpegImagePlugin.JpegImageFile) or picture.format not in REDUCIBLE:
            return None
        return Encoding(picture.quantization, JpegImagePlugin.get_sampling(picture), orientation_of(exif_of(picture)))


def made_from(
    first: tuple[Image.Image, Encoding | None],
    second: tuple[Image.Image, Encoding | None],
    settings: GenerationSettings = DEFAULT,
) -> int | None:
    """Which of two pictures of the same size was made from the other: 0, 1, or None where that cannot be told.

    Each is encoded as the other one is. What was saved again comes out of that as it is, for a decoder and an encoder are
    functions of what they are given, whatever the quality; its original does not come out of it, for something was lost.

    Args:
        first, second: upright RGB, and how each is encoded.
    """
    errors = [_error(made, source, settings.side) for made, source in ((first, second[0]), (second, first[0]))]
    for place, (error, reverse) in enumerate((errors, errors[::-1])):
        if error < settings.clearly * reverse:
            return place
    return None


def _error(made: tuple[Image.Image, Encoding | None], source: Image.Image, side: int) -> float:
    """Root mean square difference, in levels, of a picture and what its encoding makes of another; nan where there is none."""
    picture, encoding = made
    if encoding is None:
        return _difference(_middle(picture, side), _middle(source, side))
    if max(max(table) for table in encoding.tables.values()) > COARSEST:
        return math.nan
    wanted, given = (_middle(_stored(each, encoding), side) for each in (picture, source))
    file = io.BytesIO()
    given.save(file, "JPEG", qtables=encoding.tables, subsampling=encoding.sampling)
    with Image.open(file) as again:
        return _difference(wanted, again.convert("RGB"))


def _stored(picture: Image.Image, encoding: Encoding) -> Image.Image:
    turn = STORED.get(encoding.orientation)
    return picture if turn is None else picture.transpose(turn)


def _middle(picture: Image.Image, side: int) -> Image.Image:
    """A part that begins where a block of the encoder does."""
    left, top = (max(0, length - side) // 2 // BLOCK * BLOCK for length in picture.size)
    return picture.crop((left, top, min(left + side, picture.width), min(top + side, picture.height)))


def _difference(first: Image.Image, second: Image.Image) -> float:
    levels = np.asarray(first, dtype=np.float32) - np.asarray(second, dtype=np.float32)
    return float(np.sqrt((levels**2).mean()))
