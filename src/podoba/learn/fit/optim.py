"""Optimisers and learning rate schedules by name."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from torch import nn, optim
from torch.optim.lr_scheduler import LambdaLR

from podoba.errors import SettingsError
from podoba.runs.settings import OptimizerSettings, ScheduleSettings


def parameter_groups(
    backbone: nn.Module, heads: Iterable[nn.Module], loss: nn.Module, settings: OptimizerSettings, transfer: str
) -> list[dict[str, Any]]:
    """What learns, with its rate: the backbone at `backbone_lr` (a tenth of `lr` by default) unless it starts from scratch.

    Weight decay falls on matrices and kernels alone, never on biases and norms.
    """
    slow = settings.lr if transfer == "scratch" else settings.backbone_lr or settings.lr / 10
    groups: list[dict[str, Any]] = []
    for name, modules, rate in [("backbone", [backbone], slow), ("head", [*heads, loss], settings.lr)]:
        learning = [p for module in modules for p in module.parameters() if p.requires_grad]
        for kind, chosen, decay in [
            ("weights", [p for p in learning if p.ndim > 1], settings.weight_decay),
            ("biases", [p for p in learning if p.ndim <= 1], 0.0),
        ]:
            if chosen:
                groups.append({"name": f"{name} {kind}", "params": chosen, "lr": rate, "weight_decay": decay})
    return groups


def build_optimizer(groups: Sequence[dict[str, Any]], settings: OptimizerSettings) -> optim.Optimizer:
    """The torch optimiser of that name over the groups of `parameter_groups`.

    Raises:
        SettingsError: numbers that the optimiser cannot work with.
    """
    if settings.name == "nesterov" and settings.momentum == 0:
        raise SettingsError("optimizer.momentum=0 is no momentum for nesterov to look ahead by: raise it, or use sgd")
    if not all(0 <= beta < 1 for beta in settings.betas):
        raise SettingsError(f"optimizer.betas={list(settings.betas)}: both must be at least 0 and below 1")
    groups = list(groups)
    # One pass over all weights instead of one a tensor. Not on a GPU: there a fused step
    # would unscale 16-bit gradients by itself, and they could not be clipped.
    fused = all(p.device.type == "cpu" for group in groups for p in group["params"]) or None
    match settings.name:
        case "sgd":
            return optim.SGD(groups, lr=settings.lr, fused=fused)
        case "momentum" | "nesterov":
            return optim.SGD(
                groups, lr=settings.lr, momentum=settings.momentum, nesterov=settings.name == "nesterov", fused=fused
            )
        case "adagrad":
            return optim.Adagrad(groups, lr=settings.lr, fused=fused)
        case "rmsprop":
            return optim.RMSprop(groups, lr=settings.lr)
        case "adam":
            return optim.Adam(groups, lr=settings.lr, betas=settings.betas, fused=fused)
        case "adamw":
            return optim.AdamW(groups, lr=settings.lr, betas=settings.betas, fused=fused)


def rate(step: int, settings: ScheduleSettings, steps_per_epoch: int, epochs: int) -> float:
    """The share of the learning rate, from 0 to 1, at a step counted from 0.

    The warm-up rises linearly over `warmup` epochs and the schedule runs over what remains. constant; step: times `gamma` every
    `every` epochs; cosine: half a cosine down to `final` (Loshchilov and Hutter, 2017); one-cycle: straight up over the share
    `rise`, straight down to `final` (Smith and Topin, 2018). `final` is the rate where the step after the last would be.
    """
    total = steps_per_epoch * epochs
    warm = round(settings.warmup * steps_per_epoch)
    if step < warm:
        return (step + 1) / (warm + 1)
    done = (step - warm) / max(1, total - warm)
    match settings.name:
        case "constant":
            return 1.0
        case "step":
            return float(settings.gamma ** ((step - warm) // max(1, round(settings.every * steps_per_epoch))))
        case "cosine":
            return settings.final + (1 - settings.final) * (1 + math.cos(math.pi * min(done, 1.0))) / 2
        case "one-cycle":
            if done < settings.rise:
                return max(done / settings.rise, 1 / max(1, total))
            fall = min((done - settings.rise) / (1 - settings.rise), 1.0)
            return 1 - (1 - settings.final) * fall


def build_schedule(optimizer: optim.Optimizer, settings: ScheduleSettings, steps_per_epoch: int, epochs: int) -> LambdaLR:
    """A scheduler to be stepped after every step of the optimiser."""
    return LambdaLR(optimizer, lambda step: rate(step, settings, steps_per_epoch, epochs))
