"""Classification: softmax cross-entropy over the classes."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from podoba.errors import SettingsError
from podoba.learn.losses.base import Loss
from podoba.runs.loss_settings import CrossEntropy


class CrossEntropyLoss(Loss):
    """L = -(1/W) sum_i w_(y_i) ln p(c = y_i | x_i), W the sum of the weights used, p the softmax of `scale` times the logits.

    The weighted mean and the label smoothing (Szegedy et al., 2016) are those of torch.

    Raises:
        SettingsError: weights given for a name that is no class, or none for one that is.
    """

    needs_logits = True

    def __init__(self, settings: CrossEntropy, *, dim: int, class_names: Sequence[str], class_counts: Sequence[int]) -> None:
        super().__init__()
        self.scale = settings.scale
        self.smoothing = settings.label_smoothing
        self.weights: Tensor | None
        self.register_buffer("weights", _weights(settings, class_names, class_counts), persistent=False)

    def cost(self, descriptors: Tensor, labels: Tensor, logits: Tensor | None) -> Tensor:
        assert logits is not None  # the base class saw to it
        return functional.cross_entropy(self.scale * logits, labels, weight=self.weights, label_smoothing=self.smoothing)


def _weights(settings: CrossEntropy, names: Sequence[str], counts: Sequence[int]) -> Tensor | None:
    if settings.class_weights == "none":
        return None
    if settings.class_weights == "balanced":
        return torch.tensor([sum(counts) / (len(counts) * max(count, 1)) for count in counts])
    given = settings.class_weights
    if wrong := sorted(given.keys() ^ set(names)):
        kind = "is not a class of the training images" if wrong[0] in given else "is given no weight"
        raise SettingsError(f"loss.class_weights: {wrong[0]!r} {kind}: give a weight for each class, or balanced")
    return torch.tensor([given[name] for name in names])
