"""Whether two small pictures show one picture: as it is, turned or mirrored, with edits. Pure functions of pixel arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.images.compare.block_moments import block_moments

SIDE = 32  # of the pictures that are compared, stretched to squares
TURNS = ("as it is", "turned left", "upside down", "turned right")  # and as many again, mirrored first
FREQUENCIES = 8
BLOCK = 4  # pixels of a block's side
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PixelSettings:
    """When blocks of two pictures agree.

    Attributes:
        close: levels of 255 that the root mean square difference of blocks that agree has at most.
        trusted: share of the blocks, those that agree best, that brightness and contrast are fitted on.
    """

    close: float = 9.0
    trusted: float = 0.6


PIXELS = PixelSettings()


@dataclass(frozen=True)
class Alike:
    """How the second picture of each pair lies on the first; all arrays (P,).

    Attributes:
        turn: int64: place in `TURNS`, plus 4 where it is mirrored first.
        correlation: of the pixels, each colour less its mean, in [-1, 1]; 0 where one has no contrast.
        difference: root mean square of the differences, levels of 255.
        agreement: share of the blocks that are the same once brightness and contrast of each colour are fitted.
        contrast: root mean square of the distance from the mean colour, of the fainter one, over the blocks that agree.
    """

    turn: NDArray[np.int64]
    correlation: Floats
    difference: Floats
    agreement: Floats
    contrast: Floats


def turned(pixels: NDArray[Any], turn: int) -> NDArray[Any]:
    """Pictures (..., S, S, 3) under one of the eight symmetries of the square."""
    mirrored = pixels[..., :, ::-1, :] if turn >= 4 else pixels
    return np.rot90(mirrored, turn % 4, axes=(-3, -2))


def invariants(pixels: Pixels) -> Floats:
    """A unit vector (N, 63) a picture, float32, that no turn and no mirroring changes.

    Of the low frequencies of the cosine transform mirroring changes signs and turning exchanges rows and columns: what stays are
    the sums and differences of the magnitudes of each frequency and its transpose.

    Args:
        pixels: uint8 (N, 32, 32, 3).
    """
    basis = _cosines()
    values = np.abs(basis @ (pixels.astype(np.float32) @ LUMA) @ basis.T)
    over, under = np.triu_indices(FREQUENCIES, 1)
    straight, crossed = values[:, over, under], values[:, under, over]
    diagonal = values[:, np.arange(1, FREQUENCIES), np.arange(1, FREQUENCIES)]
    root = np.float32(np.sqrt(2))
    both = np.concatenate([(straight + crossed) / root, np.abs(straight - crossed) / root, diagonal], axis=1)
    lengths = np.linalg.norm(both, axis=1, keepdims=True)
    # A picture of one colour has no direction; it gets one that all such share.
    unit: Floats = np.where(lengths > 1e-3, both / np.maximum(lengths, 1e-3), 1 / np.sqrt(both.shape[1])).astype(np.float32)
    return unit


def compare(first: Pixels, second: Pixels, *, as_it_is: bool = False, settings: PixelSettings = PIXELS) -> Alike:
    """Lay the second picture of each pair on the first, in the turn in which it fits best.

    Args:
        first, second: uint8 (P, 32, 32, 3).
        as_it_is: never turned: a bright caption on one of them may fit best where it lies on something bright of the other.
    """
    turn, correlation = _best_turn(first, second, TURNS[:1] if as_it_is else (*TURNS, *TURNS))
    x = first.astype(np.float32)
    y = np.empty_like(x)
    for number in np.unique(turn):
        y[turn == number] = turned(second[turn == number], int(number))
    difference = np.sqrt(np.mean((y - x) ** 2, axis=(1, 2, 3)))
    moments = block_moments(x, y, BLOCK)
    close = moments.fitted_errors(settings.trusted) <= settings.close
    agreement = close.mean(axis=(1, 2), dtype=np.float32)
    return Alike(turn, correlation, difference, agreement, moments.shared_contrast(close))


def _best_turn(first: Pixels, second: Pixels, turns: Sequence[str]) -> tuple[NDArray[np.int64], Floats]:
    """The turn (P,) of the second pictures that correlates best, and the correlation there."""
    correlations = turn_correlations(first, second, len(turns))
    preferred = correlations.copy()
    preferred[:, 0] += 1e-3  # as it is, where turns do not differ, as in a symmetric picture
    turn = preferred.argmax(axis=1)
    return turn, correlations[np.arange(len(turn)), turn]


def turn_correlations(first: Pixels, second: Pixels, turns: int = 2 * len(TURNS)) -> Floats:
    """Correlation (P, turns) of pictures uint8 (P, 32, 32, 3) in each turn of the second, on pictures of half the side."""
    x, y = (_halved(pixels) for pixels in (first, second))
    x, y = (z - z.mean(axis=(1, 2), keepdims=True) for z in (x, y))
    scale = np.sqrt(np.einsum("pijc,pijc->p", x, x) * np.einsum("pijc,pijc->p", y, y))[:, None]
    products = np.stack([np.einsum("pijc,pijc->p", x, turned(y, turn)) for turn in range(turns)], axis=1)
    correlations: Floats = np.divide(products, scale, out=np.zeros_like(products), where=scale > 1e-3)
    return correlations


def _halved(pixels: Pixels) -> Floats:
    """Means (P, 16, 16, 3) of two by two pixels."""
    x = pixels.astype(np.float32)
    halved: Floats = (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / np.float32(4)
    return halved


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    """The first rows (8, 32) of the orthonormal cosine transform (DCT-II)."""
    frequency, place = np.arange(FREQUENCIES)[:, None], np.arange(SIDE)
    rows = np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE)) * np.sqrt(2 / SIDE)
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)  # type: ignore[no-any-return]
