"""Pictures to squares of pixels: upright, RGB, at the side that an encoder takes."""

from typing import Literal

import numpy as np
from PIL import Image, ImageOps

Resize = Literal["stretch", "crop", "pad"]
STRIP = 4_000_000
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


def upright(picture: Image.Image, orientation: int = 1, strip: int = STRIP) -> Image.Image:
    """A decoded picture as RGB, turned as its EXIF says; what is transparent becomes white.

    Args:
        orientation: as EXIF counts, 1 to 8.
        strip: pixels converted at a time, where the steps of the conversion take many bytes each.
    """
    whole = _to_rgb(picture, strip)
    if orientation not in TURNS:
        return whole
    turned = whole.transpose(TURNS[orientation])
    turned.info.clear()  # which says that it must be turned
    return turned


def _to_rgb(picture: Image.Image, strip: int) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    simple = not (_is_deep(picture) or _is_transparent(picture))
    if simple or picture.width * picture.height <= strip:
        return _converted(picture)
    whole = Image.new("RGB", picture.size)
    rows = max(1, strip // picture.width)
    for top in range(0, picture.height, rows):
        whole.paste(_converted(picture.crop((0, top, picture.width, min(top + rows, picture.height)))), (0, top))
    return whole


def _converted(picture: Image.Image) -> Image.Image:
    if _is_deep(picture):
        return Image.fromarray((np.asarray(picture).astype(np.float64) / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if _is_transparent(picture):
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return picture.convert("RGB")


def _is_deep(picture: Image.Image) -> bool:
    """Whether its values have 16 bits."""
    return picture.mode.startswith("I;16") or picture.mode == "I"


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
