"""Mixup (Zhang et al., 2018): each image mixed with another of the batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def mixup_batch(images: Tensor, generator: torch.Generator, alpha: float) -> tuple[Tensor, Tensor, float]:
    """Mixed images (B, 3, H, W), the partner of each (B,), int64, and the share of the first, drawn from Beta(alpha, alpha)."""
    seed = int(torch.randint(2**31, (), generator=generator))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    permutation = torch.randperm(len(images), generator=generator).to(images.device)
    return share * images + (1 - share) * images[permutation], permutation, share
