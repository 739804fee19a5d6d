"""Changes of the values: each takes images (B, 3, H, W) in [0, 1] and gives the same back."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.augmentation.geometry import uniform
from podoba.learn.settings import AugmentationSettings

LUMA = (0.299, 0.587, 0.114)


def _column(values: Tensor, images: Tensor) -> Tensor:
    return values.to(images.device, images.dtype).view(-1, 1, 1, 1)


def grey(images: Tensor) -> Tensor:
    """Luma (B, 1, H, W) of images."""
    return sum(share * images[:, i : i + 1] for i, share in enumerate(LUMA))  # type: ignore[return-value]


def brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Values times a factor (B,) an image."""
    return images * _column(factor, images)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Distance from the image's mean grey times a factor (B,)."""
    mean = grey(images).mean((2, 3), keepdim=True)
    return mean + (images - mean) * _column(factor, images)


def saturation(images: Tensor, factor: Tensor) -> Tensor:
    """Distance from the pixel's grey times a factor (B,)."""
    luma = grey(images)
    return luma + (images - luma) * _column(factor, images)


def hue(images: Tensor, turn: Tensor) -> Tensor:
    """Colours turned about the grey axis by a share (B,) of the circle (Rodrigues' rotation)."""
    angle = turn.to(images.device, images.dtype) * 2 * math.pi
    cos, sin = torch.cos(angle), torch.sin(angle)
    third, root = (1 - cos) / 3, sin / math.sqrt(3)
    rows = torch.stack([cos + third, third - root, third + root,
                        third + root, cos + third, third - root,
                        third - root, third + root, cos + third], 1).view(-1, 3, 3)  # fmt: skip
    return torch.einsum("bij,bjhw->bihw", rows, images)


def jitter(images: Tensor, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """Brightness, contrast, saturation and hue, each drawn from its range."""
    n = len(images)
    images = brightness(images, uniform(n, 1 - settings.brightness, 1 + settings.brightness, generator))
    images = contrast(images, uniform(n, 1 - settings.contrast, 1 + settings.contrast, generator))
    images = saturation(images, uniform(n, 1 - settings.saturation, 1 + settings.saturation, generator))
    return hue(images, uniform(n, -settings.hue, settings.hue, generator)).clamp(0, 1)


def posterize(images: Tensor, strength: Tensor) -> Tensor:
    """Fewer grey levels: from 256 down to 16 as strength (B,) goes from 0 to 1."""
    levels = _column(2 ** (8 - 4 * strength).round() - 1, images)
    return torch.where(levels >= 255, images, (images * levels).round() / levels)


def solarize(images: Tensor, strength: Tensor) -> Tensor:
    """Values over 1 - strength (B,) inverted."""
    return torch.where(images > _column(1 - strength, images), 1 - images, images)


def sharpen(images: Tensor, factor: Tensor) -> Tensor:
    """Distance from a 3x3 mean times a factor (B,): under 1 blurs, over 1 sharpens."""
    soft = functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return soft + (images - soft) * _column(factor, images)


def stretch_contrast(images: Tensor, strength: Tensor) -> Tensor:
    """Each channel spread over [0, 1], mixed in by strength (B,)."""
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    spread = torch.where(high - low > 1e-3, (images - low) / (high - low).clamp_min(1e-3), images)
    return torch.lerp(images, spread, _column(strength, images))


def erase(images: Tensor, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """A rectangle of every second image (by default) replaced by the image's mean colour (Zhong et al., 2020)."""
    n, _, height, width = images.shape
    chosen = torch.rand(n, generator=generator) < settings.erase_probability
    area = uniform(n, *settings.erase_area, generator)
    ratio = torch.exp(uniform(n, math.log(0.3), math.log(1 / 0.3), generator))
    half_h, half_w = (area * ratio).sqrt().clamp_max(1) / 2, (area / ratio).sqrt().clamp_max(1) / 2
    y = half_h + (1 - 2 * half_h) * torch.rand(n, generator=generator)
    x = half_w + (1 - 2 * half_w) * torch.rand(n, generator=generator)
    rows = (torch.arange(height) + 0.5) / height
    columns = (torch.arange(width) + 0.5) / width
    inside = ((rows - y[:, None]).abs() < half_h[:, None])[:, None, :, None] & (
        (columns - x[:, None]).abs() < half_w[:, None]
    )[:, None, None, :]
    mask = (inside & chosen.view(-1, 1, 1, 1)).to(images.device)
    return torch.where(mask, images.mean((2, 3), keepdim=True), images)
