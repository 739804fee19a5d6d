"""Names of losses to their classes; those that other distributions add build themselves (`PluginLoss`)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from podoba.errors import SettingsError
from podoba.learn.losses.base import Loss
from podoba.learn.losses.cross_entropy import CrossEntropyLoss
from podoba.learn.losses.library import LibraryLoss, PairLoss
from podoba.learn.losses.triplet import TripletLoss
from podoba.runs.loss_settings import Combined, LossOptions, PluginLoss


class CombinedLoss(Loss):
    """The sum of weight times loss, such as of one for the classes and one for what lies between; needs what its parts need."""

    def __init__(self, parts: Sequence[Loss], weights: Sequence[float]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.weights = list(weights)
        self.needs_logits = any(part.needs_logits for part in parts)
        self.needs_pairs = any(part.needs_pairs for part in parts)

    def cost(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        costs = [weight * part(descriptors, labels, logits) for weight, part in zip(self.weights, self.parts, strict=True)]
        return torch.stack(costs).sum()


LOSSES: dict[str, type[Loss]] = {
    "cross-entropy": CrossEntropyLoss,
    "triplet": TripletLoss,
    "contrastive": PairLoss,
    "multi-similarity": PairLoss,
    "arcface": LibraryLoss,
    "cosface": LibraryLoss,
    "proxy-anchor": LibraryLoss,
    "supcon": PairLoss,
    "circle": PairLoss,
    "nt-xent": PairLoss,
    "combined": CombinedLoss,
}


def needs_logits(settings: LossOptions) -> bool:
    """Whether the network must own a dense layer over the classes."""
    return any(needs.needs_logits for needs in _needs(settings))


def needs_pairs(settings: LossOptions) -> bool:
    """Whether the batches should hold several images of a class."""
    return any(needs.needs_pairs for needs in _needs(settings))


def build_loss(settings: LossOptions, *, dim: int, class_names: Sequence[str], class_counts: Sequence[int]) -> Loss:
    """The loss that settings describe.

    Args:
        dim: numbers in a descriptor.
        class_names: classes in the order of their label numbers.
        class_counts: training images of each.

    Raises:
        SettingsError: class weights that do not fit the classes, or a plugin that builds no loss.
    """
    if isinstance(settings, PluginLoss):
        built = settings.build(dim=dim, class_names=class_names, class_counts=class_counts)
        if not isinstance(built, Loss):
            raise SettingsError(f"loss {settings.name!r} builds a {type(built).__name__}, not a Loss: update its package")
        return built
    if isinstance(settings, Combined):
        parts = [build_loss(part, dim=dim, class_names=class_names, class_counts=class_counts) for part in settings.parts]
        return CombinedLoss(parts, settings.weights or [1.0] * len(parts))
    build: type = LOSSES[settings.name]
    loss: Loss = build(settings, dim=dim, class_names=class_names, class_counts=class_counts)
    return loss


def _needs(settings: LossOptions) -> list[type[Loss] | PluginLoss]:
    """What says what the loss, or each part of a combined one, needs."""
    parts: list[LossOptions] = list(settings.parts) if isinstance(settings, Combined) else [settings]
    return [part if isinstance(part, PluginLoss) else LOSSES[part.name] for part in parts]
