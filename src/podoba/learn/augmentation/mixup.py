"""Mixup (Zhang et al., 2018): each image mixed with another of the batch."""

import numpy as np
import torch
from torch import Tensor


def mixup_batch(images: Tensor, generator: torch.Generator, alpha: float) -> tuple[Tensor, Tensor, float]:
    """Each image mixed with a partner of the batch, all in one share.

    Args:
        images: float32 (B, 3, H, W).
        generator: of the CPU.
        alpha: of the Beta(alpha, alpha) distribution that the share is drawn from.

    Returns:
        Mixed images like those given; the partner of each, int64 (B,) on the images' device; the share of the first.
    """
    permutation, share = draw_partners(len(images), generator, alpha)
    permutation = permutation.to(images.device)
    return torch.lerp(images[permutation], images, share), permutation, share


def draw_partners(n: int, generator: torch.Generator, alpha: float) -> tuple[Tensor, float]:
    """The partner of each of n images, int64 (n,), and the share of the first, as `mixup_batch` mixes them."""
    # torch draws from Beta without a generator only: NumPy does it, from a seed that the generator gives.
    seed = int(torch.randint(2**31, (), generator=generator))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    return torch.randperm(n, generator=generator), share
