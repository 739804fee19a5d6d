"""Batch normalisation over the batch of all processes."""

from typing import Any

import torch
from timm.layers import convert_sync_batchnorm
from torch import Tensor, distributed, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm


class ProcessorBatchNorm(_BatchNorm):
    """Synchronised batch normalisation on a processor, which torch has for CUDA only (Ioffe and Szegedy, 2015, over a batch of
    which each process has a share).

    The mean first and then the squared distances from it are summed over the processes: as exact as the statistics of one.

    Attributes:
        drop, act: what a layer of timm has behind its normalisation.
    """

    def __init__(self, layer: nn.SyncBatchNorm) -> None:
        super().__init__(layer.num_features, layer.eps, layer.momentum, layer.affine, layer.track_running_stats)
        self.weight, self.bias = layer.weight, layer.bias
        self.running_mean, self.running_var = layer.running_mean, layer.running_var
        self.num_batches_tracked = layer.num_batches_tracked
        self.training = layer.training
        self.drop = getattr(layer, "drop", nn.Identity())
        self.act = getattr(layer, "act", nn.Identity())

    def forward(self, input: Tensor) -> Tensor:
        """Normalised values (B, C, ...) of values (B, C, ...)."""
        several = distributed.is_available() and distributed.is_initialized()
        normalised = self._synchronised(input) if self.training and several else self._alone(input)
        values: Tensor = self.act(self.drop(normalised))
        return values

    def _alone(self, input: Tensor) -> Tensor:
        return functional.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, self.training, self.momentum or 0.0, self.eps
        )

    def _synchronised(self, input: Tensor) -> Tensor:
        dims = [0, *range(2, input.ndim)]
        shape = [1, -1, *[1] * (input.ndim - 2)]
        own = torch.full((1,), input.numel() / input.shape[1], dtype=input.dtype)
        sums = _sum_of_all(torch.cat([input.sum(dims), own]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = input - mean.view(shape)
        variance = _sum_of_all(centred.square().sum(dims)) / count
        self._track(mean.detach(), variance.detach() * count / (count - 1).clamp_min(1))
        scale: Tensor = (variance + self.eps).rsqrt()
        normalised: Tensor = centred * (scale if self.weight is None else scale * self.weight).view(shape)
        return normalised if self.bias is None else normalised + self.bias.view(shape)

    def _track(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        moved = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, moved)
        self.running_var.lerp_(variance, moved)


class _SumOfAll(torch.autograd.Function):
    """The sum over the processes; its gradient is the sum of theirs, since each of them uses it."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


def _sum_of_all(values: Tensor) -> Tensor:
    total: Tensor = _SumOfAll.apply(values)
    return total


def synchronise(module: nn.Module, device: torch.device) -> nn.Module:
    """The module with statistics of all processes in its batch normalisations, those of timm too; weights and names stay."""
    converted: nn.Module = convert_sync_batchnorm(module)
    return _for_processor(converted) if device.type == "cpu" else converted


def _for_processor(module: nn.Module) -> nn.Module:
    if isinstance(module, nn.SyncBatchNorm):
        return ProcessorBatchNorm(module)
    for name, child in module.named_children():
        module.add_module(name, _for_processor(child))
    return module
