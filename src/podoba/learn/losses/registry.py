"""Names of losses to their classes."""

from __future__ import annotations

from collections.abc import Sequence

from podoba.learn.losses.base import Loss
from podoba.learn.losses.combined import CombinedLoss
from podoba.learn.losses.cross_entropy import CrossEntropyLoss
from podoba.learn.losses.library import PairLoss, ProxyLoss
from podoba.learn.losses.triplet import TripletLoss
from podoba.runs.loss_settings import Combined, LossSettings

LOSSES: dict[str, type[Loss]] = {
    "cross-entropy": CrossEntropyLoss,
    "triplet": TripletLoss,
    "contrastive": PairLoss,
    "multi-similarity": PairLoss,
    "arcface": ProxyLoss,
    "cosface": ProxyLoss,
    "proxy-anchor": ProxyLoss,
    "supcon": PairLoss,
    "circle": PairLoss,
    "nt-xent": PairLoss,
    "combined": CombinedLoss,
}


def needs_logits(settings: LossSettings) -> bool:
    """Whether the network must own a dense layer over the classes."""
    parts = settings.parts if isinstance(settings, Combined) else [settings]
    return any(LOSSES[part.name].needs_logits for part in parts)


def needs_pairs(settings: LossSettings) -> bool:
    """Whether the batches should hold several images of a class."""
    parts = settings.parts if isinstance(settings, Combined) else [settings]
    return any(LOSSES[part.name].needs_pairs for part in parts)


def build_loss(settings: LossSettings, *, dim: int, class_names: Sequence[str], class_counts: Sequence[int]) -> Loss:
    """The loss that settings describe.

    Args:
        dim: numbers in a descriptor.
        class_names: classes in the order of their label numbers.
        class_counts: training images of each.

    Raises:
        SettingsError: class weights that do not fit the classes.
    """
    if isinstance(settings, Combined):
        parts = [build_loss(part, dim=dim, class_names=class_names, class_counts=class_counts) for part in settings.parts]
        return CombinedLoss(parts, settings.weights or [1.0] * len(parts))
    build: type = LOSSES[settings.name]
    loss: Loss = build(settings, dim=dim, class_names=class_names, class_counts=class_counts)
    return loss
