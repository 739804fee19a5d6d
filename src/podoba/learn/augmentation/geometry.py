"""Geometric changes: each is a matrix an image; all are multiplied and the image is interpolated once."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.settings import AugmentationSettings

PADDING = {"reflect": "reflection", "edge": "border", "zero": "zeros"}


def uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """n numbers between low and high, drawn on the CPU so that every device gets the same."""
    return torch.rand(n, generator=generator) * (high - low) + low


def identity(n: int) -> Tensor:
    """Matrices (n, 3, 3) that change nothing. Coordinates run from -1 to 1; a matrix maps output to input places."""
    return torch.eye(3).repeat(n, 1, 1)


def shift_zoom_rotate(n: int, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """The paper's method 1: matrices (n, 3, 3) of shift, zoom and rotation together."""
    angle = uniform(n, -settings.rotate, settings.rotate, generator) * math.pi / 180
    scale = uniform(n, 1 - settings.zoom, 1 + settings.zoom, generator)
    matrices = identity(n)
    matrices[:, 0, 0] = matrices[:, 1, 1] = torch.cos(angle) / scale
    matrices[:, 1, 0] = torch.sin(angle) / scale
    matrices[:, 0, 1] = -torch.sin(angle) / scale
    matrices[:, 0, 2] = uniform(n, -2 * settings.shift, 2 * settings.shift, generator)
    matrices[:, 1, 2] = uniform(n, -2 * settings.shift, 2 * settings.shift, generator)
    return matrices


def crop(n: int, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """Random resized crops: a share of the area, sides in a ratio between 3/4 and 4/3 (Szegedy et al., 2015)."""
    area = uniform(n, *settings.crop, generator)
    ratio = torch.exp(uniform(n, math.log(3 / 4), math.log(4 / 3), generator))
    width, height = (area * ratio).sqrt().clamp_max(1.0), (area / ratio).sqrt().clamp_max(1.0)
    matrices = identity(n)
    matrices[:, 0, 0], matrices[:, 1, 1] = width, height
    matrices[:, 0, 2] = (1 - width) * uniform(n, -1, 1, generator)
    matrices[:, 1, 2] = (1 - height) * uniform(n, -1, 1, generator)
    return matrices


def flip(n: int, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """Mirror images, left for right, of every second image on average."""
    matrices = identity(n)
    matrices[:, 0, 0] = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    return matrices


def warp(images: Tensor, matrices: Tensor, fill: str) -> Tensor:
    """Images (B, 3, H, W) seen through matrices (B, 3, 3): one bilinear interpolation; none where all only mirror."""
    mirrored = identity(len(matrices))
    mirrored[:, 0, 0] = matrices[:, 0, 0].sign()
    if torch.equal(mirrored, matrices):
        chosen = (matrices[:, 0, 0] < 0).to(images.device).view(-1, 1, 1, 1)
        return torch.where(chosen, images.flip(3), images)
    theta = matrices[:, :2].to(images.device, images.dtype)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode=PADDING[fill], align_corners=False)
