"""Geometric changes: each is a matrix an image; all are multiplied and the image is interpolated once."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.augmentation.draw import Random, rand
from podoba.runs.settings import AugmentationSettings

PADDING = {"reflect": "reflection", "edge": "border", "zero": "zeros"}


def uniform(n: int, low: float, high: float, random: Random) -> Tensor:
    """n numbers between low and high, drawn on the CPU so that every device gets the same."""
    return rand(n, random) * (high - low) + low


def rectangle(n: int, area: tuple[float, float], ratio: tuple[float, float], random: Random) -> tuple[Tensor, Tensor]:
    """Widths and heights (n,), as shares of the side, of rectangles with a random share of the area.

    The ratio of the sides is drawn evenly by its logarithm, only from where the rectangle fits into the image, so that
    no draw has to be repeated and the area is always the one drawn.
    """
    share = uniform(n, *area, random)
    low = share.clamp_min(ratio[0]).log()
    high = (1 / share).clamp_max(ratio[1]).log()
    sides = torch.exp(low + (high - low) * rand(n, random))
    return (share * sides).sqrt(), (share / sides).sqrt()


def identity(n: int) -> Tensor:
    """Matrices (n, 3, 3) that change nothing. Coordinates run from -1 to 1; a matrix maps output to input places."""
    return torch.eye(3).repeat(n, 1, 1)


def shift_zoom_rotate(n: int, settings: AugmentationSettings, random: Random) -> Tensor:
    """Matrices (n, 3, 3) of shift, zoom and rotation together: method 1 of Filkinshtein and Sydorova (2020)."""
    angle = uniform(n, -settings.rotate, settings.rotate, random) * math.pi / 180
    scale = uniform(n, 1 - settings.zoom, 1 + settings.zoom, random)
    matrices = identity(n)
    matrices[:, 0, 0] = matrices[:, 1, 1] = torch.cos(angle) / scale
    matrices[:, 1, 0] = torch.sin(angle) / scale
    matrices[:, 0, 1] = -torch.sin(angle) / scale
    matrices[:, 0, 2] = uniform(n, -2 * settings.shift, 2 * settings.shift, random)
    matrices[:, 1, 2] = uniform(n, -2 * settings.shift, 2 * settings.shift, random)
    return matrices


def crop(n: int, settings: AugmentationSettings, random: Random) -> Tensor:
    """Matrices (n, 3, 3) of random resized crops, sides in a ratio from 3/4 to 4/3 (Szegedy et al., 2015)."""
    width, height = rectangle(n, settings.crop, (3 / 4, 4 / 3), random)
    matrices = identity(n)
    matrices[:, 0, 0], matrices[:, 1, 1] = width, height
    matrices[:, 0, 2] = (1 - width) * uniform(n, -1, 1, random)
    matrices[:, 1, 2] = (1 - height) * uniform(n, -1, 1, random)
    return matrices


def flip(n: int, settings: AugmentationSettings, random: Random) -> Tensor:
    """Matrices (n, 3, 3) that mirror every second image on average, left for right."""
    matrices = identity(n)
    matrices[:, 0, 0] = torch.where(rand(n, random) < 0.5, -1.0, 1.0)
    return matrices


def compose(parts: Sequence[Tensor], aspect: float) -> Tensor:
    """The product (n, 3, 3) of at least one stack of matrices, for images of width / height = `aspect`.

    The last part is the first to act on an output place. Rotations and shears are meant in pixels, shifts and crops in
    shares of each side: only the former change with the aspect.
    """
    product = identity(len(parts[0]))
    for part in parts:
        matrices = part.clone()
        matrices[:, 0, 1] /= aspect
        matrices[:, 1, 0] *= aspect
        product = product @ matrices
    return product


def warp(images: Tensor, matrices: Tensor, fill: str, size: int | None = None) -> Tensor:
    """Images (B, 3, H, W) seen through matrices (B, 3, 3): one bilinear interpolation; none where all only mirror.

    `fill` says what lies outside: `reflect`, `edge` or `zero`. With `size` they come out as squares of that side, unless
    they are only mirrored.
    """
    mirrored = identity(len(matrices))
    mirrored[:, 0, 0] = matrices[:, 0, 0].sign()
    if torch.equal(mirrored, matrices):
        chosen = (matrices[:, 0, 0] < 0).to(images.device).view(-1, 1, 1, 1)
        return torch.where(chosen, images.flip(3), images)
    theta = matrices[:, :2].to(images.device, images.dtype)
    # Each coordinate is a part of the column plus a part of the row: no matmul, so never rounded to TF32 on a GPU.
    across = theta[:, :, :1] * _centres(size or images.shape[3], images)
    down = theta[:, :, 1:2] * _centres(size or images.shape[2], images) + theta[:, :, 2:]
    grid = (across[:, :, None] + down[..., None]).permute(0, 2, 3, 1)
    return functional.grid_sample(images, grid, "bilinear", PADDING[fill], align_corners=False).clamp_(0, 1)


def resized(images: Tensor, size: int | None) -> Tensor:
    """Images (B, 3, size, size) of such (B, 3, H, W); these themselves where they have that size, or where it is None."""
    if size is None or images.shape[2:] == (size, size):
        return images
    return functional.interpolate(images, (size, size), mode="bilinear", antialias=True).clamp_(0, 1)  # rounding goes over


def _centres(n: int, images: Tensor) -> Tensor:
    """Places (n,) of the pixels' centres along a side that runs from -1 to 1."""
    return (torch.arange(n, device=images.device, dtype=images.dtype) * 2 + 1) / n - 1
