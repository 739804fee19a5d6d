"""Pictures to squares of pixels: upright, RGB, at the side that an encoder takes."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from podoba.images.formats.color import to_rgb

Fit = Literal["stretch", "crop", "pad"]
Resample = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
Centre = Literal["floor", "round"]
RESAMPLE: dict[Resample, Image.Resampling] = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
TURNS = {  # by EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class PixelRule:
    """How a picture becomes the square of pixels that an encoder takes.

    Attributes:
        size: side of the square in pixels.
        fit: stretch the whole, crop the centre, or pad to a square.
        shortest: pixels of the shorter side of the resized picture (stretched: of both sides), of which the centre is then cut
            out; None: as many as `size`, and a crop is cut out of the picture before it is resized, to a fraction of a pixel.
        resample: filter of the resizing, as Pillow's.
        centre: whether a centre that lies between two pixels begins at the first (`floor`) or at the even one (`round`).
        exact: whether every pixel of a large picture counts, as in other programs; False: a large JPEG is decoded at a reduced
            scale, and what is stretched is reduced by whole numbers first: faster, and a few levels of brightness apart.
        fill: colour of the padding; None: the mean of the picture.
    """

    size: int
    fit: Fit = "stretch"
    shortest: int | None = None
    resample: Resample = "bicubic"
    centre: Centre = "floor"
    exact: bool = False
    fill: tuple[int, int, int] | None = None

    def __post_init__(self) -> None:
        if self.size < 1 or (self.shortest is not None and self.shortest < self.size):
            raise ValueError(f"a square of {self.size} pixels cannot be cut out of a picture of {self.shortest}")
        if self.fit == "pad" and self.shortest is not None:
            raise ValueError("nothing is cut out of a padded picture")
        if self.fill is not None and self.fit != "pad":
            raise ValueError("only what is padded has a colour of the padding")

    def at(self, size: int) -> "PixelRule":
        """The same rule for a square of another size: as large a share of the picture is cut out."""
        shortest = None if self.shortest is None else max(size, round(self.shortest * size / self.size))
        return replace(self, size=size, shortest=shortest)

    @property
    def side(self) -> int:
        """Pixels of the shorter side of a picture before anything is cut off."""
        return self.shortest or self.size


def resize(picture: Image.Image, rule: PixelRule) -> Image.Image:
    """A square picture, as a rule says."""
    square, how = (rule.size, rule.size), RESAMPLE[rule.resample]
    if rule.fit == "stretch":
        gap = None if rule.exact else 3.0
        return _centre(picture.resize((rule.side, rule.side), how, reducing_gap=gap), rule)
    if rule.fit == "crop":
        if rule.shortest is None:
            return ImageOps.fit(picture, square, how)
        return _centre(picture.resize(_with_shorter_side(picture.size, rule.shortest), how), rule)
    if rule.fill is None:
        small = ImageOps.contain(picture, square, how)
        colour = tuple(int(c) for c in np.asarray(small).reshape(-1, 3).mean(axis=0))
    else:
        small, colour = picture.resize(_with_longer_side(picture.size, rule.size), how), rule.fill
    padded = Image.new("RGB", square, colour)
    padded.paste(small, ((rule.size - small.width) // 2, (rule.size - small.height) // 2))
    return padded


def _with_shorter_side(size: tuple[int, int], shorter: int) -> tuple[int, int]:
    """Width and height in proportion; the longer side is rounded down, as transformers and torchvision do."""
    width, height = size
    if width <= height:
        return shorter, int(shorter * height / width)
    return int(shorter * width / height), shorter


def _with_longer_side(size: tuple[int, int], longer: int) -> tuple[int, int]:
    """Width and height in proportion; the shorter side is rounded as timm does."""
    ratio = max(size) / longer
    width, height = (max(1, round(side / ratio)) for side in size)
    return width, height


def _centre(picture: Image.Image, rule: PixelRule) -> Image.Image:
    if picture.size == (rule.size, rule.size):
        return picture
    spare = [side - rule.size for side in picture.size]
    left, top = (one // 2 if rule.centre == "floor" else round(one / 2) for one in spare)
    return picture.crop((left, top, left + rule.size, top + rule.size))


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
