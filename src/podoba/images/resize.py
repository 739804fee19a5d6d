"""Pictures to squares of pixels: upright, RGB, at the side that an encoder takes."""

from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from podoba.images.formats.color import to_rgb

Resize = Literal["stretch", "crop", "pad"]
TURNS = {  # by EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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


def upright(picture: Image.Image, orientation: int = 1) -> Image.Image:
    """A decoded picture as RGB (`to_rgb`), turned as its EXIF says.

    Args:
        orientation: as EXIF counts, 1 to 8.
    """
    whole = to_rgb(picture)
    if orientation not in TURNS:
        return whole
    turned = whole.transpose(TURNS[orientation])
    turned.info.clear()  # which says that it must be turned
    return turned
