"""Small residual networks of our own: they learn 8 to 64 pixel images in minutes on a CPU.

Each halves the resolution early by pooling, so that most of the work is done on small maps: accuracy for CPU time is what
they were chosen by. Blocks as in He et al., "Deep Residual Learning for Image Recognition" (2016), one a stage.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

RGB_MEAN = (0.485, 0.456, 0.406)
RGB_STD = (0.229, 0.224, 0.225)


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """3x3 convolution, batch normalisation, ReLU; the size of the maps stays, or is divided by the stride."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    """Two convolutions and the way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_convolution(width, width), _convolution(width, width))

    def forward(self, maps: Tensor) -> Tensor:
        changed: Tensor = self.body(maps)
        return maps + changed


class SmallNetwork(nn.Module):
    """A stem and a few stages; every stage widens the maps and refines them by residual blocks, all but the first halve them.

    Args:
        stem: width of the first convolution, followed by a pooling where `pool_stem`.
        widths: width of each stage.
        blocks: residual blocks of each stage.
        input_size: side in pixels the network was made for.
        stem_stride: stride of the first convolution.
        halve_first: whether a stage halves before it widens, which takes a quarter of the work, or after.
        halve_all: whether the first stage halves too.
        tapped: how many of the last stages' maps are pooled, each to a vector, and joined into the features: what an earlier
            stage sees, textures and colours, serves classes that the last one never learned.
        average: whether maps are pooled by their mean, else by their maximum.
    """

    mean = RGB_MEAN
    std = RGB_STD

    def __init__(
        self,
        stem: int,
        widths: Sequence[int],
        blocks: Sequence[int],
        input_size: int,
        *,
        pool_stem: bool = True,
        stem_stride: int = 1,
        halve_first: bool = False,
        halve_all: bool = False,
        tapped: int = 1,
        average: bool = False,
    ) -> None:
        super().__init__()
        self.default_input_size = input_size
        self.feature_dim = sum(widths[-tapped:])
        self.tapped = tapped
        pool: list[nn.Module] = [nn.MaxPool2d(2)] if pool_stem else []
        parts: list[nn.Module] = [nn.Sequential(_convolution(3, stem, stem_stride), *pool)]
        before = stem
        for i, (width, count) in enumerate(zip(widths, blocks, strict=True)):
            residuals = [_Residual(width) for _ in range(count)]
            halve: list[nn.Module] = [nn.MaxPool2d(2)] if i or halve_all else []
            widen = _convolution(before, width)
            parts.append(nn.Sequential(*([*halve, widen] if halve_first else [widen, *halve]), *residuals))
            before = width
        self.parts = nn.ModuleList(parts)
        self.pool = nn.AdaptiveAvgPool2d(1) if average else nn.AdaptiveMaxPool2d(1)

    def forward(self, images: Tensor) -> Tensor:
        """Features (B, feature_dim) of normalised images (B, 3, H, W)."""
        maps = images
        pooled: list[Tensor] = []
        for i, part in enumerate(self.parts):
            maps = part(maps)
            if i >= len(self.parts) - self.tapped:
                pooled.append(self.pool(maps).flatten(1))
        return torch.cat(pooled, dim=1)

    def stages(self) -> list[nn.Module]:
        """Stem and stages, shallow to deep."""
        return list(self.parts)


SMALL_NETWORKS: dict[str, Callable[[], SmallNetwork]] = {
    "small-digits": lambda: SmallNetwork(8, (16, 32), (0, 1), 16, pool_stem=False),
    "small-resnet": lambda: SmallNetwork(24, (48, 96, 192), (1, 1, 1), 32),
    # 1.3 times as fast to train as small-resnet, with more weights: wide layers on small maps gain from the fast convolutions.
    "small-resnet-wide": lambda: SmallNetwork(32, (64, 128, 256), (0, 1, 1), 32, halve_first=True),
    # Larger pictures, and classes it will never learn: most of the work at 8x8 pixels, features of all its stages.
    "small-resnet-64": lambda: SmallNetwork(
        32,
        (96, 160, 256),
        (1, 2, 1),
        64,
        pool_stem=False,
        stem_stride=2,
        halve_first=True,
        halve_all=True,
        tapped=3,
        average=True,
    ),
}
