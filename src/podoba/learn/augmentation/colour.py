"""Changes of the values: each takes images (B, 3, H, W) in [0, 1] and as many numbers (B,) as it needs."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.augmentation.draw import Random
from podoba.learn.augmentation.geometry import uniform
from podoba.runs.settings import AugmentationSettings

LUMA = (0.299, 0.587, 0.114)


def brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Values times a factor."""
    return images * _column(factor, images)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Distance from the image's mean grey times a factor."""
    factor = _column(factor, images)
    return images * factor + _mean_grey(images) * (1 - factor)


def saturation(images: Tensor, factor: Tensor) -> Tensor:
    """Distance from the pixel's grey times a factor."""
    nothing = torch.zeros(len(images), 1, 1, 1, device=images.device, dtype=images.dtype)
    return _mix_channels(images, saturation_matrix(factor), nothing)


def saturation_matrix(factor: Tensor) -> Tensor:
    """Matrices (B, 3, 3) on RGB that multiply the distance from grey; grey stays."""
    grey = torch.tensor(LUMA).repeat(3, 1)
    return grey + (torch.eye(3) - grey) * factor.view(-1, 1, 1)


def hue_matrix(turn: Tensor) -> Tensor:
    """Matrices (B, 3, 3) that turn RGB about the grey axis by a share of the circle (Rodrigues' rotation); grey stays."""
    angle = turn * 2 * math.pi
    cos, sin = torch.cos(angle), torch.sin(angle)
    third, root = (1 - cos) / 3, sin / math.sqrt(3)
    return torch.stack([cos + third, third - root, third + root,
                        third + root, cos + third, third - root,
                        third - root, third + root, cos + third], 1).view(-1, 3, 3)  # fmt: skip


def jitter(images: Tensor, settings: AugmentationSettings, random: Random) -> Tensor:
    """Brightness, contrast, saturation and hue, each drawn from its range; some images are made grey.

    All four are linear in the pixel's RGB: composed into one 3x3 matrix an image, with one clamp at the end.
    """
    n = len(images)
    bright = uniform(n, 1 - settings.brightness, 1 + settings.brightness, random)
    apart = uniform(n, 1 - settings.contrast, 1 + settings.contrast, random)
    vivid = uniform(n, 1 - settings.saturation, 1 + settings.saturation, random)
    if settings.grey > 0:
        vivid = torch.where(uniform(n, 0, 1, random) < settings.grey, 0, vivid)
    matrices = hue_matrix(uniform(n, -settings.hue, settings.hue, random)) @ saturation_matrix(vivid)
    matrices = matrices * (apart * bright).view(-1, 1, 1)
    # The mean grey, which contrast keeps, is grey: saturation and hue leave it where it is.
    kept = _mean_grey(images) * _column((1 - apart) * bright, images)
    return _mix_channels(images, matrices, kept).clamp_(0, 1)


def posterize(images: Tensor, strength: Tensor) -> Tensor:
    """Fewer levels: from 256 (nothing changes) down to 16 as strength goes from 0 to 1."""
    levels = _column(2 ** (8 - 4 * strength).round() - 1, images)
    return torch.where(levels >= 255, images, (images * levels).round() / levels)


def solarize(images: Tensor, strength: Tensor) -> Tensor:
    """Values over 1 - strength inverted."""
    return torch.where(images > _column(1 - strength, images), 1 - images, images)


def sharpen(images: Tensor, factor: Tensor) -> Tensor:
    """Distance from a 3x3 mean times a factor: under 1 blurs, over 1 sharpens."""
    wide = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    rows = wide[:, :, :-2] + wide[:, :, 1:-1] + wide[:, :, 2:]
    soft = (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]) / 9
    return torch.lerp(soft, images, _column(factor, images))


def stretch_contrast(images: Tensor, strength: Tensor) -> Tensor:
    """Each channel spread over [0, 1] (autocontrast), mixed in by strength; a channel of one value stays."""
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    spread = torch.where(high - low > 1e-3, (images - low) / (high - low).clamp_min(1e-3), images)
    return torch.lerp(images, spread, _column(strength, images))


def _column(values: Tensor, images: Tensor) -> Tensor:
    return values.to(images.device, images.dtype).view(-1, 1, 1, 1)


def _mean_grey(images: Tensor) -> Tensor:
    """The mean luma (B, 1, 1, 1) of each image."""
    means = images.mean((2, 3))
    red, green, blue = LUMA
    return (red * means[:, 0] + green * means[:, 1] + blue * means[:, 2]).view(-1, 1, 1, 1)


def _mix_channels(images: Tensor, matrices: Tensor, offset: Tensor) -> Tensor:
    """Matrices (B, 3, 3) times the RGB of each pixel plus an offset (B, 1, 1, 1); without matmul, so never in TF32."""
    columns = matrices.to(images.device, images.dtype).view(-1, 3, 3, 1, 1).unbind(2)
    mixed = columns[0] * images[:, :1] + offset
    return mixed.addcmul_(columns[1], images[:, 1:2]).addcmul_(columns[2], images[:, 2:])
