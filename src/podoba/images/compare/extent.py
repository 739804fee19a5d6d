"""Where in a picture pixels were changed: a sticker or a caption fills its place, other words in the fields of a form do not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Mask
from podoba.images.compare.detail import Detail

SPREAD = 0.6745  # the median of the magnitudes of normally distributed values, in standard deviations


@dataclass(frozen=True)
class ExtentSettings:
    """Which pixels were changed.

    Attributes:
        least_difference: levels of 255 by which they differ at least, once brightness and contrast are fitted.
        unusual: and how many times the spread of the difference over what was not changed.
        trimmed: share of them that may lie outside of the rectangle around them, at each of its sides.
    """

    least_difference: float = 8.0
    unusual: float = 3.0
    trimmed: float = 0.02


EXTENT = ExtentSettings()


@dataclass(frozen=True)
class Extent:
    """The rectangle around nearly all pixels that were changed.

    Attributes:
        area: share of the picture that it covers.
        filled: share of it that was changed.
    """

    area: float
    filled: float


def extent_of_change(detail: Detail, settings: ExtentSettings = EXTENT) -> Extent:
    """Of what was changed inside of the changed blocks; where all blocks were changed it is the whole picture."""
    rows, columns = detail.changed.shape
    height, width = detail.first.shape
    changed = np.repeat(np.repeat(detail.changed, height // rows, axis=0), width // columns, axis=1)
    if changed.all():
        return Extent(1.0, 1.0)
    difference = np.abs(detail.first - _fitted(detail.first, detail.second, ~changed))
    usual = float(np.median(difference[~changed])) / SPREAD
    changed &= difference > max(settings.least_difference, settings.unusual * usual)
    if not changed.any():
        return Extent(0.0, 1.0)
    high, wide = (_length(changed.sum(axis=axis), settings.trimmed) for axis in (1, 0))
    area = high * wide / changed.size
    return Extent(area, min(1.0, float(changed.mean()) / area))


def _fitted(first: Floats, second: Floats, where: Mask) -> Floats:
    """The second picture with the brightness and contrast that the first has there."""
    x, y = first[where], second[where]
    variance = float(y.var())
    gain = float(np.clip(((x - x.mean()) * (y - y.mean())).mean() / variance, 0.5, 2.0)) if variance > 1 else 1.0
    return second * np.float32(gain) + np.float32(x.mean() - gain * y.mean())


def _length(counts: NDArray[np.int64], trimmed: float) -> int:
    """How many lines hold what is counted in each of them, but for this share at either end."""
    up_to = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(up_to, 1 - trimmed) - np.searchsorted(up_to, trimmed) + 1)
