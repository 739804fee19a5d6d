"""Pictures of every mode as RGB."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from podoba.images.formats.samples import Samples, extrema, is_deep, numbers_of, samples_of, to_grey, white_of

STRIP = 4_000_000  # pixels
NEARLY_WHITE = 230  # level of 255, from which on a shape is not seen on white
GREY = (128, 128, 128)
PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}


def to_rgb(picture: Image.Image, strip: int = STRIP) -> Image.Image:
    """A decoded picture as RGB.

    What is transparent becomes white; grey, where all that is visible is nearly white and would not be seen. Numbers of more
    than 8 bits are brought to 8 as `white_of` says.

    Args:
        strip: pixels converted at a time, where the steps of the conversion take many bytes each.

    Raises:
        NotAPicture: as `white_of`.
    """
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if is_deep(picture):
        return _from_deep(picture, samples_of(picture), strip)
    if _is_transparent(picture):
        return _from_transparent(picture, strip)
    return picture.convert("RGB")


def _from_deep(picture: Image.Image, samples: Samples, strip: int) -> Image.Image:
    ends: list[float] = []
    for _, one in _strips(picture, strip):
        numbers = numbers_of(one, samples)
        ends += float(numbers.min()), float(numbers.max())
    # NaN, which `min` and `max` may lose, makes both of these NaN.
    white = white_of(float(np.min(ends)), float(np.max(ends)), samples, fractions=picture.mode == "F")
    whole = Image.new("RGB", picture.size)
    for top, one in _strips(picture, strip):
        whole.paste(to_grey(numbers_of(one, samples), white, samples.is_negative), (0, top))
    return whole


def _from_transparent(picture: Image.Image, strip: int) -> Image.Image:
    whole, darkest, visible = Image.new("RGB", picture.size), 255, (255, 0)
    for top, one in _strips(picture, strip):
        part, alpha = _over(one, (255, 255, 255))
        whole.paste(part, (0, top))
        darkest = min(darkest, *(extrema(band)[0] for band in part.split()))
        visible = min(visible[0], alpha[0]), max(visible[1], alpha[1])
    if darkest >= NEARLY_WHITE and visible[0] < 255 and visible[1] > 0:
        for top, one in _strips(picture, strip):
            whole.paste(_over(one, GREY)[0], (0, top))
    return whole


def _over(picture: Image.Image, color: tuple[int, int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """A picture on a background, and its least and largest opacity."""
    rgba = picture.convert(PREMULTIPLIED.get(picture.mode, picture.mode)).convert("RGBA")
    shown = Image.alpha_composite(Image.new("RGBA", rgba.size, color), rgba).convert("RGB")
    return shown, extrema(rgba.getchannel("A"))


def _strips(picture: Image.Image, pixels: int) -> Iterator[tuple[int, Image.Image]]:
    """A picture in strips of so many pixels, each with its first row."""
    if picture.width * picture.height <= pixels:
        yield 0, picture
        return
    rows = max(1, pixels // picture.width)
    for top in range(0, picture.height, rows):
        yield top, picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info
