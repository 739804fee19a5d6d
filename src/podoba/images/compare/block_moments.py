"""Means over the blocks of two pictures, by which one is fitted to the other in brightness and contrast."""

from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Mask

FLAT = 1.0  # variance, squared levels, of blocks that say nothing of the contrast


@dataclass(frozen=True)
class BlockMoments:
    """Means of values and of their products over the blocks of pairs of pictures, each float32 (P, R, C, channels)."""

    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: Floats

    def fitted_errors(self, trusted: float) -> Floats:
        """Root mean square difference (P, R, C) of each block: as it is, or once y is fitted to x, whichever is less.

        It is fitted channel by channel on the blocks that agree best.

        Args:
            trusted: share of the blocks that brightness and contrast are fitted on.
        """
        weights = np.ones((*self.x.shape[:3], 1), dtype=np.float32)
        plain = np.sqrt(np.maximum(self.xx - 2 * self.xy + self.yy, 0).mean(axis=3))
        errors = plain
        rank = int(trusted * (plain[0].size - 1)) if len(plain) else 0
        for _ in range(3 if len(weights) else 0):
            total = weights.sum(axis=(1, 2), keepdims=True)
            x, y, xy, yy = (
                (weights * moment).sum(axis=(1, 2), keepdims=True) / total for moment in (self.x, self.y, self.xy, self.yy)
            )
            # Contrast may have been halved or doubled; beyond that it is another picture.
            variance = yy - y * y
            gain = np.where(variance > FLAT, np.clip((xy - x * y) / np.maximum(variance, FLAT), 0.5, 2.0), 1.0)
            offset = x - gain * y
            squares = self.xx - 2 * gain * self.xy + gain**2 * self.yy - 2 * offset * (self.x - gain * self.y) + offset**2
            errors = np.sqrt(np.maximum(squares, 0).mean(axis=3))
            worst = np.partition(errors.reshape(len(errors), -1), rank, axis=1)[:, rank, None, None]
            weights = (errors <= worst)[..., None].astype(np.float32)
        least: Floats = np.minimum(errors, plain)
        return least

    def contrast(self) -> Floats:
        """Standard deviation (P, R, C) inside each block, of the picture that has more of it there, mean of the channels."""
        variances = [np.maximum(square - mean**2, 0).mean(axis=3) for mean, square in ((self.x, self.xx), (self.y, self.yy))]
        contrast: Floats = np.sqrt(np.maximum(*variances))
        return contrast

    def shared_contrast(self, chosen: Mask) -> Floats:
        """Root mean square distance from the mean colour (P,) over chosen blocks (P, R, C), of the fainter picture; else 0."""
        contrast: Floats = np.sqrt(np.minimum(_variance(self.x, self.xx, chosen), _variance(self.y, self.yy, chosen)))
        return contrast


def block_moments(x: Floats, y: Floats, block: int) -> BlockMoments:
    """Of pictures float32 (P, H, W, channels), whose sides are multiples of the block's."""
    return BlockMoments(*(_means(values, block) for values in (x, y, x * x, x * y, y * y)))


def _means(values: Floats, block: int) -> Floats:
    # Summed place by place: several times faster than a mean over two axes that are not the last.
    count, height, width, channels = values.shape
    rows = values.reshape(count, height // block, block, width, channels)
    lines = sum((rows[:, :, place] for place in range(1, block)), rows[:, :, 0])
    lines = lines.reshape(count, height // block, width // block, block, channels)
    means: Floats = sum((lines[..., place, :] for place in range(1, block)), lines[..., 0, :]) / np.float32(block**2)
    return means


def _variance(mean: Floats, square: Floats, chosen: Mask) -> Floats:
    weights = chosen[..., None].astype(np.float32)
    total = np.maximum(weights.sum(axis=(1, 2)), 1)
    centre = (weights * mean).sum(axis=(1, 2)) / total
    spread: Floats = ((weights * square).sum(axis=(1, 2)) / total - centre**2).mean(axis=1)
    spread[~chosen.any(axis=(1, 2))] = 0
    return spread.clip(min=0)
