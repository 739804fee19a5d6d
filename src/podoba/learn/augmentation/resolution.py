"""Loss of resolution: small pictures enlarged, as collections and other people's data are full of."""

import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.augmentation.draw import Random, rand, randint
from podoba.runs.settings import AugmentationSettings

LEVELS = 4  # sizes that are drawn from: images of one size are reduced together


def downscale(images: Tensor, settings: AugmentationSettings, random: Random) -> Tensor:
    """Images (B, 3, H, W), of which a share is reduced and enlarged again, so that fine detail is gone.

    The sizes lie at equal distances from `downscale_size` of the side up to just under the whole.
    """
    n, _, height, width = images.shape
    chosen = rand(n, random) < settings.downscale_probability
    level = randint(LEVELS, n, random)
    changed = images.clone()
    for i in range(LEVELS):
        rows = torch.nonzero(chosen & (level == i)).flatten().to(images.device)
        share = settings.downscale_size + (1 - settings.downscale_size) * i / LEVELS
        small = (max(1, round(height * share)), max(1, round(width * share)))
        if len(rows):
            reduced = functional.interpolate(images[rows], small, mode="bilinear", antialias=True)
            changed[rows] = functional.interpolate(reduced, (height, width), mode="bilinear").clamp_(0, 1)
    return changed
