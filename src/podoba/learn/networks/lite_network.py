"""EfficientNet-Lite0 without its last 1x1 convolution: the network of the bundled model `photo`."""

from collections.abc import Sequence
from typing import Any, Self

import timm
import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn import functional

PUBLISHED = "tf_efficientnet_lite0"  # as timm calls it


class SameConv2d(nn.Conv2d):
    """A convolution whose maps have the side of its input divided by the stride and rounded up, as TensorFlow pads ("same").

    In an exported graph it is one convolution with padding fixed for the size that was traced: what timm has in this place
    becomes a part of the graph that is computed for every batch anew, and cannot be in 8 bits.
    """

    @classmethod
    def of(cls, layer: nn.Conv2d) -> Self:
        """The same convolution; it shares the parameters of `layer`."""
        same = cls.__new__(cls)
        nn.Module.__init__(same)
        same.__dict__.update({key: value for key, value in layer.__dict__.items() if key not in same.__dict__})
        same.weight, same.bias = layer.weight, layer.bias
        return same.train(layer.training)

    def forward(self, input: Tensor) -> Tensor:
        """Maps (N, out, ceil(H / stride), ceil(W / stride)) of maps (N, in, H, W)."""
        before, behind = [], []
        for side, kernel, stride in zip(input.shape[2:], self.kernel_size, self.stride, strict=True):
            missing = max((-(-int(side) // stride) - 1) * stride + kernel - int(side), 0)
            before.append(missing // 2)
            behind.append(missing - missing // 2)
        convolve = _Unevenly.apply if torch.onnx.is_in_onnx_export() else _unevenly
        maps: Tensor = convolve(input, self.weight, before, behind, self.stride, self.groups)
        return maps if self.bias is None else maps + self.bias[:, None, None]


def _unevenly(
    maps: Tensor, kernel: Tensor, before: Sequence[int], behind: Sequence[int], stride: Sequence[int], groups: int
) -> Tensor:
    rims = [before[1], behind[1], before[0], behind[0]]
    return functional.conv2d(functional.pad(maps, rims), kernel, stride=tuple(stride), groups=groups)


class _Unevenly(torch.autograd.Function):
    """`_unevenly` as ONNX has it: a convolution whose padding behind may differ from that in front; torch's has one for both."""

    @staticmethod
    def forward(_: Any, *arguments: Any) -> Tensor:
        return _unevenly(*arguments)

    @staticmethod
    def symbolic(
        graph: Any, maps: Any, kernel: Any, before: list[int], behind: list[int], stride: tuple[int, ...], groups: int
    ) -> Any:
        sides = {"pads_i": [*before, *behind], "strides_i": list(stride), "kernel_shape_i": kernel.type().sizes()[2:]}
        return graph.op("Conv", maps, kernel, group_i=groups, **sides)


class LiteNetwork(nn.Module):
    """EfficientNet-Lite0 (Tan and Le, 2019; the Lite networks: TensorFlow Authors, 2020) up to the maps of its last
    blocks, pooled.

    Behind them the published network has a 1x1 convolution to 1280 maps and its classifier: made for the classes it learned, they
    find others worse, and are left out.
    """

    default_input_size = 160
    mean = std = (0.5, 0.5, 0.5)

    def __init__(self) -> None:
        super().__init__()
        whole: Any = timm.create_model(PUBLISHED, pretrained=False)
        self.parts = nn.ModuleList([nn.Sequential(whole.conv_stem, whole.bn1), *whole.blocks])
        for part in self.parts:
            pad_alike(part)

    def forward(self, images: Tensor) -> Tensor:
        """Features (B, 320) of normalised images (B, 3, H, W)."""
        maps = images
        for part in self.parts:
            maps = part(maps)
        return maps.mean((2, 3))

    def stages(self) -> list[nn.Module]:
        """Stem and blocks, shallow to deep."""
        return list(self.parts)


def pad_alike(module: nn.Module) -> None:
    """Put `SameConv2d` in the place of timm's layers of this kind, with their weights."""
    for name, child in module.named_children():
        if isinstance(child, Conv2dSame):
            setattr(module, name, SameConv2d.of(child))
        else:
            pad_alike(child)
