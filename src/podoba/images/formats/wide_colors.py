"""Colours of 16 bits, of which Pillow gives the upper eight: where it mistakes them, and the lower eight where they count."""

import sys
from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.ImageFile import _Tile as Tile

from podoba.images.formats.samples import BITS, DEPTHS, extrema
from podoba.images.formats.words import NotAPicture

PLANES, SEPARATE = 284, 2  # a TIFF tag, and its value where each colour is stored by itself
SWAPPED = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}  # byte orders, and each one's opposite


def mend_planes(picture: ImageFile) -> None:
    """Tell Pillow that the separate colours of an opened TIFF have 16 bits; it takes them for 8."""
    tags = picture.tag_v2  # type: ignore[attr-defined]
    if tags.get(PLANES) == SEPARATE and set(tags.get(BITS, ())) == {16}:
        order = "B" if tags.prefix == b"MM" else "L"
        picture.tile = [_with_rawmode(tile, lambda raw: f"{raw};16{order}" if len(raw) == 1 else raw) for tile in picture.tile]


def is_wide(picture: ImageFile) -> bool:
    """Whether an opened picture has colours of 16 bits."""
    return picture.mode in ("RGB", "RGBA") and any(";16" in _rawmode(tile) for tile in picture.tile)


def is_dim(picture: Image.Image) -> bool:
    """Whether no colour of a decoded picture uses the upper two bits: it may have fewer bits, stored in 16."""
    return all(max(extrema(band)) < 64 for band in picture.split()[:3])


def only_lower(picture: ImageFile) -> None:
    """Let an opened picture of wide colours be decoded to the lower eight bits of each, by the opposite order of bytes.

    Raises:
        NotAPicture: compressed planes of a TIFF, whose order of bytes is not asked for.
    """
    is_separate = picture.format == "TIFF" and picture.tag_v2.get(PLANES) == SEPARATE  # type: ignore[attr-defined]
    if is_separate and picture.tile[0].codec_name == "libtiff":
        raise NotAPicture("few bits of 16 in compressed planes, which cannot be told from black: save it with 8 bits")
    picture.tile = [_with_rawmode(tile, _swapped) for tile in picture.tile]


def joined(upper: Image.Image, lower: Image.Image) -> Image.Image:
    """Wide colours brought to 8 bits from the least usual depth that holds them all; opacity as it is."""
    pairs = zip(upper.split()[:3], lower.split()[:3], strict=True)
    colors = [(np.asarray(high, np.uint16) << 8) + np.asarray(low) for high, low in pairs]
    depth = next(depth for depth in DEPTHS if max(int(color.max()) for color in colors) < 1 << depth)
    white = (1 << depth) - 1
    bands = [Image.fromarray(np.rint(color * (255 / white)).astype(np.uint8)) for color in colors]
    return Image.merge(upper.mode, [*bands, *upper.split()[3:]])


def _swapped(raw: str) -> str:
    return raw[:-1] + SWAPPED[raw[-1]] if ";16" in raw else raw


def _rawmode(tile: Tile) -> str:
    """How the bytes of a part of a picture are to be read, as Pillow writes it."""
    args = tile[3]  # a plain tuple, where another plug-in than Pillow's own made it
    raw = args[0] if isinstance(args, tuple) and args else args
    return raw if isinstance(raw, str) else ""


def _with_rawmode(tile: Tile, change: Callable[[str], str]) -> Tile:
    raw = _rawmode(tile)
    if not raw:
        return tile
    return tile._replace(args=(change(raw), *tile.args[1:]) if isinstance(tile.args, tuple) else change(raw))
