"""Whether one picture is a part of another: normalised cross-correlation over sizes and places, by Fourier transforms.

Lewis, "Fast normalized cross-correlation" (1995), on small grey pictures.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats

FAINT = 0.25  # a window whose contrast is below this share of the whole picture's could be anything
LEAST = 0.4  # of a side that the part may have of the whole's


@dataclass(frozen=True)
class Found:
    """Where the part of each pair lies best.

    Attributes:
        score: correlation there, float32 (P,) in [-1, 1]; -1 where it lies nowhere.
        box: float64 (P, 4): left, top, width, height as shares of the whole's sides.
    """

    score: Floats
    box: NDArray[np.float64]


def find_part(whole: Floats, part: Floats, shares: Floats) -> Found:
    """Look for the part in the whole of each pair, at each of some sizes.

    Args:
        whole, part: float32 (P, S, S), grey, both stretched to squares.
        shares: float32 (P, T, 2): width and height that the part may have, as shares of the whole's; outside [0.4, 1] none.
    """
    count, side = whole.shape[:2]
    pixels = np.rint(shares * side).astype(np.int64)
    fits = ((pixels <= side) & (pixels >= LEAST * side)).all(axis=2)
    width, height = (np.where(fits, pixels[..., axis], side) for axis in (0, 1))
    scaled = _shrinkers(side)[height] @ part[:, None] @ _shrinkers(side)[width].swapaxes(-1, -2)
    inside = _masks(side)[height][..., :, None] * _masks(side)[width][..., None, :]
    area = (width * height).astype(np.float32)
    centred = (scaled - (scaled.sum(axis=(2, 3)) / area)[..., None, None]) * inside
    norm = np.sqrt(np.einsum("ptij,ptij->pt", centred, centred))
    field = whole - whole.mean(axis=(1, 2), keepdims=True)
    spread = np.maximum(np.sqrt((field**2).mean(axis=(1, 2))), 1e-3)
    field = field / spread[:, None, None]
    waves, squares = (np.fft.rfft2(z)[:, None] for z in (field, field**2))
    window = _windows(side)[height, width]
    size = (side, side)
    hits = np.fft.irfft2(waves * np.conj(np.fft.rfft2(centred)), s=size)
    sums, powers = np.fft.irfft2(waves * window, s=size), np.fft.irfft2(squares * window, s=size)
    variance = powers - sums**2 / area[..., None, None]
    scores = hits / (np.sqrt(np.maximum(variance, 1e-6)) * np.maximum(norm, 1e-6)[..., None, None])
    place = np.arange(side)
    legal = (place[:, None] <= (side - height)[..., None, None]) & (place <= (side - width)[..., None, None])
    scores[~(legal & fits[..., None, None] & (variance >= FAINT**2 * area[..., None, None]))] = -1
    scores[norm < 1e-3 * np.sqrt(area)] = -1
    flat = scores.reshape(count, -1)
    best = flat.argmax(axis=1)
    trial, top, left = np.unravel_index(best, scores.shape[1:])
    rows = np.arange(count)
    box = np.stack([left, top, width[rows, trial], height[rows, trial]], axis=1) / side
    return Found(np.clip(flat[rows, best], -1, 1).astype(np.float32), box)


def sizes(whole: Floats, part: Floats, widths: Floats) -> Floats:
    """Shares (P, T, 2) of width and height of a part that was cut out without being distorted.

    Args:
        whole, part: float (P, 2): width and height of the pictures in pixels, before they were stretched.
        widths: shares of the whole's width (T,) or (P, T) to try.
    """
    aspect = (part[:, 1] / part[:, 0]) * (whole[:, 0] / whole[:, 1])
    widths = np.broadcast_to(widths, (len(whole), np.shape(widths)[-1]))
    return np.stack([widths, widths * aspect[:, None]], axis=2).astype(np.float32)


@lru_cache(maxsize=4)
def _shrinkers(side: int) -> Floats:
    """For each size m up to the side a matrix (side, side) whose first m rows average a line down to m places."""
    table = np.zeros((side + 1, side, side), dtype=np.float32)
    for m in range(1, side + 1):
        edges = np.linspace(0, side, m + 1)
        for row in range(m):
            low, high = edges[row], edges[row + 1]
            cover = np.clip(np.minimum(np.arange(side) + 1, high) - np.maximum(np.arange(side), low), 0, None)
            table[m, row] = cover / cover.sum()
    return table


@lru_cache(maxsize=4)
def _windows(side: int) -> NDArray[np.complex64]:
    """For each height and width up to the side the conjugate transform (side, side // 2 + 1) of a window of ones."""
    masks = _masks(side)
    return np.conj(np.fft.rfft2(masks[:, None, :, None] * masks[None, :, None, :]))


@lru_cache(maxsize=4)
def _masks(side: int) -> Floats:
    """For each size m a line (side,) of m ones."""
    return (np.arange(side) < np.arange(side + 1)[:, None]).astype(np.float32)
