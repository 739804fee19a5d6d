"""Random erasing: a rectangle of the image hidden, so that no single part is relied on."""

import torch
from torch import Tensor

from podoba.learn.augmentation.draw import Random, rand
from podoba.learn.augmentation.geometry import rectangle
from podoba.runs.settings import AugmentationSettings

RATIO = (0.3, 1 / 0.3)


def erase(images: Tensor, settings: AugmentationSettings, random: Random) -> Tensor:
    """Images (B, 3, H, W), of which a share has a rectangle in the image's mean colour (Zhong et al., 2020).

    The mean colour rather than noise: the image's mean, which the backbone's normalisation is about, does not change.
    """
    n, _, height, width = images.shape
    chosen = rand(n, random) < settings.erase_probability
    wide, high = rectangle(n, settings.erase_area, RATIO, random)
    columns = _covered(width, wide, rand(n, random))
    rows = _covered(height, high, rand(n, random))
    mask = (rows[:, None, :, None] & columns[:, None, None, :] & chosen.view(-1, 1, 1, 1)).to(images.device)
    return torch.where(mask, images.mean((2, 3), keepdim=True), images)


def _covered(pixels: int, side: Tensor, place: Tensor) -> Tensor:
    """Which pixels (n, pixels) of a side have their centre in an interval of length `side`, `place` from 0 to 1."""
    start = (1 - side) * place
    centres = (torch.arange(pixels) + 0.5) / pixels
    return (centres >= start[:, None]) & (centres < (start + side)[:, None])
