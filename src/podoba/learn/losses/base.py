"""What every loss has in common."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn


class Loss(nn.Module):
    """A loss on a batch of descriptors.

    Attributes:
        needs_logits: the network owns a dense layer over the classes and hands its output in.
        needs_pairs: the batch should hold several images of a class (the balanced sampler).
    """

    needs_logits: ClassVar[bool] = False
    needs_pairs: ClassVar[bool] = False

    def forward(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        """The loss, a scalar, of descriptors (B, D), unit length, labels (B,), int64, logits (B, C) or None."""
        raise NotImplementedError
