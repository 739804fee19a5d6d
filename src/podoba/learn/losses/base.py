"""What every loss has in common."""

import torch
from torch import Tensor, nn


class Loss(nn.Module):
    """A loss on a batch of descriptors; a child writes `cost`, this class checks and prepares what it is given.

    Attributes:
        needs_logits: the network owns a dense layer over the classes and hands its output in.
        needs_pairs: the batch should hold several images of a class (the balanced sampler).
    """

    needs_logits: bool = False
    needs_pairs: bool = False

    def forward(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None = None) -> Tensor:
        """The loss of a batch, a scalar, in float32 whatever the precision of the network.

        Args:
            descriptors: of shape (B, D), floating, unit length.
            labels: of shape (B,), int64.
            logits: of shape (B, C), floating, where `needs_logits`; else None or anything.

        Raises:
            ValueError: shapes that do not fit, or logits that are missing.
        """
        if descriptors.ndim != 2 or labels.shape != descriptors.shape[:1]:
            raise ValueError(f"descriptors (B, D) and labels (B,) do not fit: {(*descriptors.shape,)}, {(*labels.shape,)}")
        if self.needs_logits and logits is None:
            raise ValueError("this loss needs the logits of the classes")
        # Under mixed precision a product of descriptors would keep 8 bits: neighbouring distances would fall together.
        with torch.autocast(descriptors.device.type, enabled=False):
            return self.cost(_single(descriptors), labels, None if logits is None else _single(logits))

    def cost(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        """The formula itself, on checked tensors of at least float32."""
        raise NotImplementedError


def _single(tensor: Tensor) -> Tensor:
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
