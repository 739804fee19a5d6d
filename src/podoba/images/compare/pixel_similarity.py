"""Whether two small pictures show one picture: as it is, turned or mirrored, with edits. Pure functions of pixel arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats

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
    moments = _Moments(*(_blocks(values) for values in (x, y, x * x, x * y, y * y)))
    close = moments.fitted_errors(settings.trusted) <= settings.close
    contrast = np.sqrt(np.minimum(_variance(moments.x, moments.xx, close), _variance(moments.y, moments.yy, close)))
    return Alike(turn, correlation, difference, close.mean(axis=(1, 2), dtype=np.float32), contrast)


def _best_turn(first: Pixels, second: Pixels, turns: Sequence[str]) -> tuple[NDArray[np.int64], Floats]:
    """The turn (P,) of the second pictures that correlates best, and the correlation there, on pictures of half the side."""
    x, y = (_halved(pixels) for pixels in (first, second))
    x, y = (z - z.mean(axis=(1, 2), keepdims=True) for z in (x, y))
    scale = np.sqrt(np.einsum("pijc,pijc->p", x, x) * np.einsum("pijc,pijc->p", y, y))
    products = np.stack([np.einsum("pijc,pijc->p", x, turned(y, turn)) for turn in range(len(turns))], axis=1)
    products[:, 0] += 1e-3 * scale  # as it is, where turns do not differ, as in a symmetric picture
    turn = products.argmax(axis=1)
    products[:, 0] -= 1e-3 * scale
    best = products[np.arange(len(turn)), turn]
    return turn, np.divide(best, scale, out=np.zeros_like(best), where=scale > 1e-3)


@dataclass(frozen=True)
class _Moments:
    """Means of values and of their products over the blocks of pairs of pictures, each (P, B, B, 3)."""

    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: Floats

    def fitted_errors(self, trusted: float) -> Floats:
        """Root mean square difference (P, B, B) of each block once y is fitted to x, colour by colour, where they agree best."""
        weights = np.ones((*self.x.shape[:3], 1), dtype=np.float32)
        errors = weights[..., 0]
        for _ in range(3 if len(weights) else 0):
            total = weights.sum(axis=(1, 2), keepdims=True)
            x, y, xy, yy = (
                (weights * moment).sum(axis=(1, 2), keepdims=True) / total for moment in (self.x, self.y, self.xy, self.yy)
            )
            # Contrast may have been halved or doubled; beyond that it is another picture.
            gain = np.clip((xy - x * y) / np.maximum(yy - y * y, 1e-3), 0.5, 2.0)
            offset = x - gain * y
            squares = self.xx - 2 * gain * self.xy + gain**2 * self.yy - 2 * offset * (self.x - gain * self.y) + offset**2
            errors = np.sqrt(np.maximum(squares, 0).mean(axis=3))
            weights = (errors <= np.quantile(errors, trusted, axis=(1, 2), keepdims=True))[..., None].astype(np.float32)
        return errors


def _variance(mean: Floats, square: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """Mean squared distance from the mean colour (P,) over chosen blocks; 0 where none is."""
    weights = chosen[..., None].astype(np.float32)
    total = np.maximum(weights.sum(axis=(1, 2)), 1)
    centre = (weights * mean).sum(axis=(1, 2)) / total
    spread: Floats = ((weights * square).sum(axis=(1, 2)) / total - centre**2).mean(axis=1)
    spread[~chosen.any(axis=(1, 2))] = 0
    return spread.clip(min=0)


def _blocks(values: Floats) -> Floats:
    """Means (P, B, B, 3) over the blocks of values (P, 32, 32, 3)."""
    n = SIDE // BLOCK  # summed place by place: several times faster than a mean over two axes that are not the last
    rows = values.reshape(len(values), n, BLOCK, SIDE, 3)
    lines = (rows[:, :, 0] + rows[:, :, 1] + rows[:, :, 2] + rows[:, :, 3]).reshape(len(values), n, n, BLOCK, 3)
    means: Floats = (lines[..., 0, :] + lines[..., 1, :] + lines[..., 2, :] + lines[..., 3, :]) / np.float32(BLOCK**2)
    return means


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
