"""3x3 convolutions as matrix products: full training on a CPU takes about half the time.

Most of the time of a VGG or a ResNet goes to 3x3 convolutions of stride 1. On a CPU they are far from the speed of a
plain matrix product, and at 2x2 pixels half of their taps fall on padding. Here they are computed

- by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
  2016): a tile of 4x4 outputs takes 36 products a channel pair instead of 144. Forward pass, gradient of the images
  and gradient of the kernel all share the two transformed operands. The relative error in float32 is about 1e-5;
- on maps of at most 2x2 pixels, as one matrix product for every (output pixel, input pixel) pair, none for padding.

Both give what `torch.nn.functional.conv2d` gives, up to rounding, and are used only where they pay.
"""

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from podoba.models import winograd


@dataclass(frozen=True)
class ConvolutionSettings:
    """Which convolutions are computed as matrix products; measured on one core.

    Attributes:
        least_channels: fewer in or out, and reading and writing the tiles costs more than the products save.
        least_product: of channels in and out, for the same reason.
        least_tiles: fewer in a batch, and transforming the kernel costs more than the products save.
    """

    least_channels: int = 64
    least_product: int = 64 * 128
    least_tiles: int = 48


TILE, KERNEL, OUTPUT = (torch.from_numpy(matrix) for matrix in (winograd.TILE, winograd.KERNEL, winograd.OUTPUT))


class FastConv2d(nn.Conv2d):
    """A 3x3 convolution of stride 1 with the parameters of an `nn.Conv2d`, and the same names in the state dict."""

    least_tiles: int

    @classmethod
    def of(cls, layer: nn.Conv2d, least_tiles: int = ConvolutionSettings.least_tiles) -> Self:
        """The same convolution; it shares the parameters of `layer`. Batches of fewer tiles are computed as in torch."""
        fast = cls.__new__(cls)
        nn.Module.__init__(fast)
        fast.__dict__.update({key: value for key, value in layer.__dict__.items() if key not in fast.__dict__})
        fast.weight, fast.bias = layer.weight, layer.bias
        fast.least_tiles = least_tiles
        return fast.train(layer.training)

    def forward(self, input: Tensor) -> Tensor:
        """Maps (N, out, H, W) of maps (N, in, H, W); fast for float32 on the CPU, as in torch anywhere else."""
        plain = (
            input.device.type != "cpu"
            or input.dtype != torch.float32
            or self.weight.dtype != torch.float32
            or torch.is_autocast_enabled("cpu")
            or torch.onnx.is_in_onnx_export()
            or torch.compiler.is_compiling()
        )
        n, _, height, width = input.shape
        if plain or n * -(-height // 4) * -(-width // 4) < self.least_tiles:
            return super().forward(input)
        way = _ByPixels if height <= 2 and width <= 2 else _Winograd
        maps: Tensor = way.apply(input, self.weight, self.bias)
        return maps


def accelerate_convolutions(module: nn.Module, settings: ConvolutionSettings = ConvolutionSettings()) -> nn.Module:
    """Put `FastConv2d` in the place of every convolution of a module that it can compute faster; returns the module.

    Parameters stay the same objects under the same names, so optimisers, checkpoints and weight files do not notice.
    """
    for name, child in module.named_children():
        if type(child) is nn.Conv2d and _gains(child, settings):
            setattr(module, name, FastConv2d.of(child, settings.least_tiles))
        else:
            accelerate_convolutions(child, settings)
    return module


def _gains(layer: nn.Conv2d, settings: ConvolutionSettings) -> bool:
    return (
        layer.kernel_size == (3, 3)
        and layer.stride == (1, 1)
        and layer.padding in ((1, 1), "same")
        and layer.dilation == (1, 1)
        and layer.groups == 1
        and layer.padding_mode == "zeros"
        and min(layer.in_channels, layer.out_channels) >= settings.least_channels
        and layer.in_channels * layer.out_channels >= settings.least_product
    )


class _Winograd(torch.autograd.Function):
    """F(4x4, 3x3); letters as in the paper by Lavin and Gray: U kernels, V tiles, M products, all transformed."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        pixels = images.permute(0, 2, 3, 1)
        n, height, width, _ = pixels.shape
        outputs, inputs = weight.shape[:2]
        down, across = -(-height // 4), -(-width // 4)
        u = (KERNEL @ weight.permute(2, 3, 0, 1).reshape(9, -1)).view(36, outputs, inputs)
        v = (TILE @ _tiles(pixels, down, across)).view(36, -1, inputs)
        m = torch.bmm(v, u.transpose(1, 2))
        tiles = (OUTPUT @ m.view(36, -1)).view(4, 4, n, down, across, outputs).permute(2, 3, 0, 4, 1, 5)
        maps = _empty_maps(n, outputs, 4 * down, 4 * across)
        by_tile = maps.permute(0, 2, 3, 1).view(n, down, 4, across, 4, outputs)
        if bias is None:
            by_tile.copy_(tiles)
        else:
            torch.add(tiles, bias, out=by_tile)
        ctx.save_for_backward(u, v)
        ctx.shape, ctx.biased = (n, height, width, down, across), bias is not None
        if (height, width) == (4 * down, 4 * across):
            return maps
        return _empty_maps(n, outputs, height, width).copy_(maps[:, :, :height, :width])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        u, v = ctx.saved_tensors
        n, height, width, down, across = ctx.shape
        outputs, inputs = u.shape[1:]
        for_images, for_weight, for_bias = ctx.needs_input_grad
        pixels = gradient.permute(0, 2, 3, 1)
        bias = pixels.sum((0, 1, 2)) if for_bias else None
        if (height, width) != (4 * down, 4 * across):
            pixels = functional.pad(pixels, (0, 0, 0, 4 * across - width, 0, 4 * down - height))
        tiles = pixels.reshape(n, down, 4, across, 4, outputs).permute(2, 4, 0, 1, 3, 5).reshape(16, -1)
        m = (OUTPUT.t() @ tiles).view(36, -1, outputs)
        images = weight = None
        if for_weight:
            kernels = KERNEL.t() @ torch.bmm(m.transpose(1, 2), v).view(36, -1)
            weight = kernels.view(3, 3, outputs, inputs).permute(2, 3, 0, 1)
        if for_images:
            spread = (TILE.t() @ torch.bmm(m, u).view(36, -1)).view(6, 6, n, down, across, inputs)
            images = _overlap(spread.permute(2, 3, 0, 4, 1, 5))[:, 1 : height + 1, 1 : width + 1].permute(0, 3, 1, 2)
        return images, weight, bias


def _empty_maps(n: int, channels: int, height: int, width: int) -> Tensor:
    """Maps (N, C, H, W), channels last in memory; a tensor of its own, since layers behind may change it in place."""
    return torch.empty(n, channels, height, width, memory_format=torch.channels_last)


def _tiles(pixels: Tensor, down: int, across: int) -> Tensor:
    """The 6x6 tiles, two pixels overlapping, of maps (N, H, W, C) with a rim of zeros: (36, N * down * across * C)."""
    n, height, width, channels = pixels.shape
    padded = functional.pad(pixels, (0, 0, 1, 4 * across + 1 - width, 1, 4 * down + 1 - height)).contiguous()
    of_image, of_row, of_pixel, _ = padded.stride()
    shape = (6, 6, n, down, across, channels)
    return padded.as_strided(shape, (of_row, of_pixel, of_image, 4 * of_row, 4 * of_pixel, 1)).reshape(36, -1)


def _overlap(tiles: Tensor) -> Tensor:
    """Sum of tiles (N, down, 6, across, 6, C) laid down every four pixels: (N, 4 down + 4, 4 across + 4, C)."""
    n, down, _, across, _, channels = tiles.shape
    maps = tiles.new_zeros(n, down + 1, 4, across + 1, 4, channels)
    maps[:, :down, :, :across, :] = tiles[:, :, :4, :, :4]
    maps[:, 1:, :2, :across, :] += tiles[:, :, 4:, :, :4]
    maps[:, :down, :, 1:, :2] += tiles[:, :, :4, :, 4:]
    maps[:, 1:, :2, 1:, :2] += tiles[:, :, 4:, :, 4:]
    return maps.view(n, 4 * down + 4, 4 * across + 4, channels)


class _ByPixels(torch.autograd.Function):
    """Maps of at most 2x2 pixels: a product for every pair of output and input pixel, each with its tap."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        n, _, height, width = images.shape
        pixels = images.permute(2, 3, 0, 1).reshape(height * width, n, -1)
        taps = weight.permute(2, 3, 0, 1).reshape(9, *weight.shape[:2])
        start = images.new_zeros(()) if bias is None else bias
        maps = start.expand(height * width, n, weight.shape[0]).clone()
        for out, into, tap in _pairs(height, width):
            maps[out].addmm_(pixels[into], taps[tap].t())
        ctx.save_for_backward(pixels, taps)
        ctx.size = (height, width)
        return _empty_maps(n, weight.shape[0], height, width).copy_(maps.view(height, width, n, -1).permute(2, 3, 0, 1))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        pixels, taps = ctx.saved_tensors
        height, width = ctx.size
        for_images, for_weight, for_bias = ctx.needs_input_grad
        maps = gradient.permute(2, 3, 0, 1).reshape(height * width, gradient.shape[0], -1)
        images, weight = torch.zeros_like(pixels), torch.zeros_like(taps)
        for out, into, tap in _pairs(height, width):
            if for_images:
                images[into].addmm_(maps[out], taps[tap])
            if for_weight:
                weight[tap].addmm_(maps[out].t(), pixels[into])
        return (
            images.view(height, width, *images.shape[1:]).permute(2, 3, 0, 1) if for_images else None,
            weight.view(3, 3, *weight.shape[1:]).permute(2, 3, 0, 1) if for_weight else None,
            maps.sum((0, 1)) if for_bias else None,
        )


def _pairs(height: int, width: int) -> list[tuple[int, int, int]]:
    """(output pixel, input pixel, tap) of every product that does not fall on padding."""
    pixels = [(row, column) for row in range(height) for column in range(width)]
    return [
        (out, into, (down - row + 1) * 3 + (right - column + 1))
        for out, (row, column) in enumerate(pixels)
        for into, (down, right) in enumerate(pixels)
        if abs(down - row) <= 1 and abs(right - column) <= 1
    ]
