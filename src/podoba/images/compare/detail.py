"""Whether two pictures that are alike from afar are one in their detail and in their colours: small print, stamps, stickers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.arrays import Floats, Mask
from podoba.images.compare.block_moments import block_moments
from podoba.images.compare.pixel_similarity import BLOCK, LUMA, SIDE, Pixels

Grey = NDArray[np.uint8]
"""A grey picture (H, W) as it was looked at: stretched to a square, its sides at most those it has in truth."""


@dataclass(frozen=True)
class DetailSettings:
    """When the blocks and the colours of two pictures are different; levels are of 255.

    Attributes:
        side: pixels of the sides of the squares that are compared, at most.
        block: pixels of a block's side.
        texture: contrast of a block, standard deviation of its levels, from which on it counts.
        least_error: root mean square difference of a block, once brightness and contrast are fitted, that encoding may make.
        error: share of a block's contrast that its difference has at least where it shows something else.
        unusual: how many times the median of these shares it is at least where something was changed.
        usual: what the median is at least taken to be.
        trusted: share of the blocks, those that agree best, that brightness and contrast are fitted on.
        hue: root mean square difference of the two colour differences (Cb, Cr) of the whole, from which on colours may differ.
        hue_share: and that in relation to the stronger of the colours, at least.
        hue_place: difference of colour anywhere from which on they differ.
        greyest: strength of colour, of the stronger one, from which on a picture without colour is told from one with it.
        grey_share: strength of colour that a grey picture has at most in relation to the other.
    """

    side: int = 256
    block: int = 16
    texture: float = 4.0
    least_error: float = 4.5
    error: float = 0.6
    unusual: float = 3.0
    usual: float = 0.05
    trusted: float = 0.6
    hue: float = 3.0
    hue_share: float = 0.2
    hue_place: float = 16.0
    greyest: float = 2.0
    grey_share: float = 0.25


DETAIL = DetailSettings()


@dataclass(frozen=True)
class TwoSizes:
    """A picture from afar and from near.

    Attributes:
        small: uint8 (32, 32, 3).
        grey: as `grey_square` gives it.
    """

    small: Pixels
    grey: Grey


@dataclass(frozen=True)
class Detail:
    """The blocks of two pictures.

    Attributes:
        textured: whether there is anything in one of them, bool (R, C).
        changed: whether they show something else there, bool (R, C).
        first, second: the pictures as they were compared, softened, float32 (H, W).
    """

    textured: Mask
    changed: Mask
    first: Floats
    second: Floats

    @property
    def same(self) -> float:
        """Share of all blocks that have texture and are the same: flat ones count for nothing."""
        return float((self.textured & ~self.changed).mean())

    @property
    def same_of_textured(self) -> float:
        """And in relation to all that have texture or were changed; 0 where there is none."""
        return self.same / max(float((self.textured | self.changed).mean()), 1e-6)


def grey_square(pixels: Pixels, width: int, height: int) -> Grey:
    """What is compared of a picture of this size that was stretched to a square uint8 (S, S, 3): grey, and not enlarged."""
    picture = Image.fromarray(pixels).convert("L")
    size = (min(picture.width, width), min(picture.height, height))
    return np.asarray(picture if size == picture.size else picture.resize(size, Image.Resampling.BICUBIC))


def compare_detail(first: Grey, second: Grey, settings: DetailSettings = DETAIL, inside: Mask | None = None) -> Detail:
    """The second picture laid on the first, both reduced to what the smaller of them can show.

    Both are softened a little first, since ways to resize differ in the finest detail. A block is changed where its difference is
    larger than its contrast explains: the noise of encoding grows with the contrast, alike over the whole picture, while other
    words or a stamp change a few blocks by far more than the rest.

    Args:
        inside: which pixels of the second picture are any, bool of its shape; a block that has others counts as flat. None: all.
    """
    height, width = (max(2, min(first.shape[axis], second.shape[axis]) // settings.block) * settings.block for axis in (0, 1))
    x, y = (_softened(_resized(picture, (width, height))) for picture in (first, second))
    moments = block_moments(x[None, :, :, None], y[None, :, :, None], settings.block)
    errors, contrast = moments.fitted_errors(settings.trusted)[0], moments.contrast()[0]
    textured = contrast >= settings.texture
    if inside is not None:
        whole = np.asarray(Image.fromarray(inside).resize((width, height), Image.Resampling.NEAREST))
        rows, columns = textured.shape
        valid = whole.reshape(rows, settings.block, columns, settings.block).all(axis=(1, 3))
        textured &= valid
        errors = np.where(valid, errors, 0)
    shares = errors / np.maximum(contrast, settings.texture)
    usual = max(settings.usual, float(np.median(shares[textured])) if textured.any() else 0.0)
    changed = (errors > settings.least_error) & ((shares > settings.error) | (shares > settings.unusual * usual))
    return Detail(textured, changed, x, y)


def colours_differ(first: Pixels, second: Pixels, settings: DetailSettings = DETAIL) -> NDArray[np.str_]:
    """ "", "other colours" or "without colour" (P,) for pairs of small pictures uint8 (P, 32, 32, 3)."""
    x, y = _chroma(first), _chroma(second)
    squares = ((x - y) ** 2).sum(axis=3)
    difference = np.sqrt(squares.mean(axis=(1, 2)))
    strengths = np.sqrt(np.stack([(z**2).sum(axis=3).mean(axis=(1, 2)) for z in (x, y)]))
    strong, weak = strengths.max(axis=0), strengths.min(axis=0)
    other = (difference >= settings.hue) & (difference >= settings.hue_share * strong)
    other |= np.sqrt(squares.max(axis=(1, 2), initial=0)) >= settings.hue_place
    grey = (strong >= settings.greyest) & (weak <= settings.grey_share * strong)
    return np.where(grey, "without colour", np.where(other, "other colours", ""))


def _chroma(pixels: Pixels) -> Floats:
    """Cb and Cr (n, 8, 8, 2) of blocks: where colours are encoded at half the resolution single pixels say little."""
    n = SIDE // BLOCK
    means = pixels.astype(np.float32).reshape(len(pixels), n, BLOCK, n, BLOCK, 3).mean(axis=(2, 4))
    grey = means @ LUMA
    return np.stack([0.564 * (means[..., 2] - grey), 0.713 * (means[..., 0] - grey)], axis=3)


def _resized(picture: Grey, size: tuple[int, int]) -> Floats:
    if picture.shape != size[::-1]:
        picture = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    return picture.astype(np.float32)


def _softened(values: Floats) -> Floats:
    padded = np.pad(values, 1, mode="edge")
    lines = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    soft: Floats = (lines[:, :-2] + 2 * lines[:, 1:-1] + lines[:, 2:]) / np.float32(16)
    return soft
