"""How much detail a picture really has: an enlargement has more pixels, and no more detail than what it was made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.images.compare.pixel_similarity import LUMA


@dataclass(frozen=True)
class EnlargementSettings:
    """How detail is measured.

    Attributes:
        tile: pixels of the sides of the squares whose spectra are averaged.
        least: pixels of the shorter side of a picture whose spectrum says something.
        grid: squares across and down, spread over the picture.
        top: share of the highest frequency from which the energy is taken for noise, such as that of JPEG.
        noise: how much of that noise is taken off at every frequency.
        mostly_noise: energy that is left without it, as a share of all, below which a picture is taken for noise alone.
        lowest: share of the highest frequency from which a cliff is looked for.
        cliff: energy above a frequency, as a share of that above half of it, below which nothing is left there; where nothing was
            enlarged it is about a third.
        sharp: share of the highest frequency at which a photograph that was never enlarged meets that.
    """

    tile: int = 128
    least: int = 16
    grid: int = 4
    top: float = 0.9
    noise: float = 0.7
    mostly_noise: float = 0.5
    lowest: float = 0.08
    cliff: float = 0.1
    sharp: float = 0.74


DEFAULT = EnlargementSettings()


def detail_of(pixels: NDArray[np.uint8], settings: EnlargementSettings = DEFAULT) -> float:
    """The longer side, in pixels, of the smallest picture that would hold what this one shows.

    It is that of the picture itself, unless the energy of its spectrum falls off a cliff before the highest frequency, as that of
    an enlargement does at the frequency that the smaller picture ended with. Of 22 pictures made 1.5, 2 and 3 times as large
    (bicubic, Lanczos; PNG, JPEG of quality 90) the detail was found to be 0.95 to 1.3 times that of the original; made half as
    large, 0.4 to 0.6 times.

    Args:
        pixels: uint8 (H, W, 3).
    """
    share = _cliff(pixels, settings)
    return float(max(pixels.shape[:2]) * min(1.0, share / settings.sharp))


def _cliff(pixels: NDArray[np.uint8], settings: EnlargementSettings) -> float:
    """The share of the highest frequency above which next to nothing is left."""
    side = min(settings.tile, *pixels.shape[:2])
    if side < settings.least:
        return 1.0
    starts = [np.unique(np.linspace(0, length - side, settings.grid).astype(int)) for length in pixels.shape[:2]]
    tiles = np.stack([pixels[top : top + side, left : left + side] for top in starts[0] for left in starts[1]]) @ LUMA
    window = np.hanning(side + 2)[1:-1].astype(np.float32)
    tiles = (tiles - tiles.mean(axis=(1, 2), keepdims=True)) * (window[:, None] * window)
    power = (np.abs(np.fft.rfft2(tiles)) ** 2).mean(axis=0)
    higher = np.maximum(2 * np.abs(np.fft.fftfreq(side))[:, None], 2 * np.fft.rfftfreq(side))
    shares = np.linspace(0, 1, side // 2 + 1)
    beyond = [higher > share for share in shares]
    energy = np.array([power[where].sum() for where in beyond])
    noise = settings.noise * power[higher > settings.top].mean() * np.array([where.sum() for where in beyond])
    left = np.maximum(energy - noise, 0)
    searched = shares >= settings.lowest
    if left[searched][0] <= settings.mostly_noise * energy[searched][0]:
        return 1.0
    fallen = (left < settings.cliff * np.interp(shares / 2, shares, left)) & searched
    return float(shares[np.argmax(fallen)]) if fallen.any() else 1.0
