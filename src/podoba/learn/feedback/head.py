"""The head that marks teach: a linear map of the descriptors near the identity."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from podoba.arrays import Floats


class NearIdentity(nn.Module):
    """Descriptors mapped by identity + change, a shift added, unit length again; at first they stay as they are."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.change = nn.Parameter(torch.zeros(dim, dim))
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, descriptors: Tensor) -> Tensor:
        """Descriptors (..., D), unit length, of descriptors (..., D)."""
        return functional.normalize(descriptors + descriptors @ self.change.T + self.shift, dim=-1)

    def distance(self) -> Tensor:
        """Squared distance of the map from the identity."""
        return self.change.square().sum() + self.shift.square().sum()

    def mapped(self, descriptors: Floats) -> Floats:
        """Descriptors float32 (..., D), unit length, of descriptors float32 (..., D)."""
        with torch.inference_mode():
            return self(torch.from_numpy(descriptors)).numpy()  # type: ignore[no-any-return]
