"""What the numbers of a picture of more than 8 bits stand for: which of them is white."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from podoba.images.formats.words import NotAPicture

BITS, PHOTOMETRIC, MAX_VALUE, SAMPLE_FORMAT, SIGNED_MAX_VALUE = 258, 262, 281, 339, 341  # TIFF tags
WHITE_IS_ZERO, UNSIGNED = 0, 1  # values of two of them
DEPTHS = (8, 10, 12, 14, 16)  # bits of a sensor or of a converter; what has fewer is stored in 16 all the same
BRIGHT = 16.0  # up to which a picture of fractions is one of lights, in which 1 is white and lamps are brighter


@dataclass(frozen=True)
class Samples:
    """What a file says of the numbers in it.

    Attributes:
        white: the number that is white; None where it says nothing.
        is_negative: whether 0 is white.
        is_unsigned: whether what Pillow gives as int32 is uint32.
    """

    white: float | None = None
    is_negative: bool = False
    is_unsigned: bool = False


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture has one number a pixel, of more than 8 bits."""
    return picture.mode in ("I", "F") or picture.mode.startswith("I;16")


def extrema(band: Image.Image) -> tuple[int, int]:
    """The least and the largest level of a picture of one band of 8 bits."""
    levels = np.flatnonzero(band.histogram())
    return int(levels[0]), int(levels[-1])


def samples_of(picture: Image.Image) -> Samples:
    """What the file of an opened picture says of its numbers."""
    match picture.format:
        case "TIFF":
            tags = picture.tag_v2  # type: ignore[attr-defined]
            bits, kinds = tags.get(BITS, (1,)), tags.get(SAMPLE_FORMAT, (UNSIGNED,))
            most = tags.get(MAX_VALUE) or tags.get(SIGNED_MAX_VALUE) or (0,)
            stated = max(most) if isinstance(most, tuple) else most
            white = float(stated) or (float(2 ** bits[0] - 1) if bits[0] < 16 else None)
            return Samples(white, tags.get(PHOTOMETRIC) == WHITE_IS_ZERO, bits[0] == 32 and kinds[0] == UNSIGNED)
        case "PPM" | "JPEG2000" if picture.mode != "F":
            return Samples(65535.0)  # Pillow brings them to it
    return Samples()


def numbers_of(picture: Image.Image, samples: Samples) -> np.ndarray:
    """The numbers of a decoded deep picture (H, W)."""
    numbers = np.asarray(picture)
    return numbers.view(np.uint32) if samples.is_unsigned and numbers.dtype == np.int32 else numbers


def white_of(least: float, most: float, samples: Samples, fractions: bool) -> float:
    """The number that is white.

    What the file says, unless a number in it is larger. Else, of whole numbers, the largest of the least usual depth that holds
    them all, since 10 or 12 bits stored in 16 would be nearly black; of fractions 1, 255 or 65535.

    Args:
        least, most: of the numbers in the picture.

    Raises:
        NotAPicture: numbers that no brightness can be made of.
    """
    if not np.isfinite(most - least) or least < 0:
        what = "numbers that are none" if not np.isfinite(most - least) else f"numbers below zero (down to {least:g})"
        raise NotAPicture(f"{what}, which are no brightness: save it with 8 or 16 bits")
    if samples.white is not None and samples.white >= most:
        return samples.white
    if fractions:
        white = 1.0 if most <= BRIGHT else next((top for top in (255.0, 65535.0) if most <= top), None)
        if white is None:
            raise NotAPicture(f"numbers up to {most:g}, of which none is known to be white: save it with 8 or 16 bits")
        return white
    depth = next((depth for depth in DEPTHS if most < 1 << depth), int(most).bit_length())
    return float((1 << depth) - 1)


def to_grey(numbers: np.ndarray, white: float, is_negative: bool) -> Image.Image:
    """Numbers (H, W) as grey of 8 bits; what is brighter than white is white."""
    levels = (numbers.astype(np.float64) * (255 / white)).clip(0, 255)
    return Image.fromarray(np.rint(255 - levels if is_negative else levels).astype(np.uint8))
