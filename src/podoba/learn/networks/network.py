"""The descriptor network: backbone, the paper's head, and for classification a dense layer over the classes."""

import re
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from podoba.errors import SettingsError
from podoba.learn.networks.backbones import Backbone
from podoba.runs.settings import HeadSettings


class Dropout(nn.Dropout):
    """Dropout (Srivastava et al., 2014) whose random numbers cost a ninth of torch's on a CPU: 16 bits a decision.

    There they are a large part of the step of a head on cached features. The probability is rounded to 1/65536.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Values of any shape, each dropped with probability p, the others divided by 1 - p."""
        if not self.training or self.p == 0 or input.device.type != "cpu":
            return super().forward(input)
        bits = torch.empty(-(-input.numel() // 4), dtype=torch.int64).random_(-(2**63), None).view(torch.int16)
        kept = bits[: input.numel()].view(input.shape) >= round(self.p * 65536) - 32768
        return input * kept.to(input.dtype).mul_(1 / (1 - self.p))


class _SumOfSquares(torch.autograd.Function):
    """Sum of squares in one pass over the numbers each way, where torch's formula takes five: a tenth of a head's step."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        ctx.save_for_backward(values)
        flat = values.reshape(-1)
        return flat @ flat

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        slope: Tensor = values * (2 * gradient)
        return slope


class Head(nn.Module):
    """Dense + ReLU, dropout, dense descriptor layer, L2 normalisation (Filkinshtein and Sydorova, 2020, figures 1, 2).

    Without a hidden layer the descriptor layer starts as a map that is orthogonal (Saxe et al., 2014): where it is not narrower
    than the features, descriptors begin with exactly the similarities that the features of the backbone have.

    Attributes:
        dim: numbers in a descriptor.
    """

    def __init__(self, features: int, settings: HeadSettings) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if settings.hidden is not None:
            layers.append(nn.Linear(features, settings.hidden))
            if settings.batch_norm:
                layers.append(nn.BatchNorm1d(settings.hidden))
            layers.append(nn.ReLU())
        layers.append(Dropout(settings.dropout))
        self.hidden = nn.Sequential(*layers)
        self.dim = settings.width(features)
        self.descriptor = nn.Linear(settings.hidden or features, self.dim)
        self.norm = nn.BatchNorm1d(self.dim) if settings.batch_norm else nn.Identity()
        self.activation = nn.ReLU() if settings.activation == "relu" else nn.Identity()
        self.l2 = settings.l2
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
        if settings.hidden is None:
            nn.init.orthogonal_(self.descriptor.weight)

    def forward(self, features: Tensor) -> Tensor:
        """Descriptors (B, dim) of unit length from features (B, F)."""
        return functional.normalize(self.activation(self.norm(self.descriptor(self.hidden(features)))))

    def penalty(self) -> Tensor:
        """The L2 regulariser of the descriptor layer: weight times the sum of its squared kernel."""
        squares: Tensor = _SumOfSquares.apply(self.descriptor.weight)
        return self.l2 * squares


class DescriptorNetwork(nn.Module):
    """Backbone, head and, where `classes` is given, the classifier on top of the descriptor."""

    def __init__(self, backbone: Backbone, head: HeadSettings, classes: int | None) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = Head(backbone.feature_dim, head)
        self.dim = self.head.dim
        self.classifier = nn.Linear(self.dim, classes) if classes is not None else None
        if self.classifier is not None:
            nn.init.xavier_uniform_(self.classifier.weight)
            nn.init.zeros_(self.classifier.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Descriptors (B, dim), unit length, of images (B, 3, H, W), float32 in [0, 1]."""
        descriptors: Tensor = self.head(self.backbone(images))
        return descriptors

    def set_transfer(self, transfer: str) -> None:
        """Let learn what the strategy lets learn: scratch and finetune all, frozen the head, last:N also N last stages.

        Raises:
            SettingsError: last:N with more stages than the backbone has.
        """
        whole = transfer in ("scratch", "finetune")
        for parameter in self.backbone.parameters():
            parameter.requires_grad = whole
        if match := re.fullmatch(r"last:(\d+)", transfer):
            stages = self.backbone.stages()
            if int(match[1]) > len(stages):
                raise SettingsError(f"backbone.transfer={transfer}: {self.backbone.name!r} has {len(stages)} stages")
            for stage in stages[-int(match[1]) :]:
                for parameter in stage:
                    parameter.requires_grad = True

    def train(self, mode: bool = True) -> Self:
        """As in torch, but what is frozen keeps its batch statistics and drops nothing."""
        super().train(mode)
        for module in self.backbone.modules():
            parameters = list(module.parameters())
            if parameters and not any(p.requires_grad for p in parameters):
                module.eval()
        return self

    @property
    def frozen(self) -> bool:
        """Whether nothing of the backbone learns, so that its features may be computed once."""
        return not any(p.requires_grad for p in self.backbone.parameters())


def count_parameters(network: nn.Module) -> tuple[int, int]:
    """How many numbers a network has, and how many of them learn."""
    parameters = list(network.parameters())
    return sum(p.numel() for p in parameters), sum(p.numel() for p in parameters if p.requires_grad)


@torch.inference_mode()
def describe(network: DescriptorNetwork, images: Tensor) -> Tensor:
    """Descriptors (N, dim) of uint8 images (N, H, W, 3), the network in evaluation mode."""
    network.eval()
    descriptors: Tensor = network(to_unit(images))
    return descriptors


def to_unit(images: Tensor) -> Tensor:
    """Images (B, 3, H, W), float32 in [0, 1], channels last in memory, of uint8 (B, H, W, 3)."""
    return images.permute(0, 3, 1, 2).to(torch.float32) / 255.0
