"""Augmentations by name, composed: one interpolation for all that is geometric, then colours, then erasing."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from podoba.errors import SettingsError
from podoba.learn.augmentation import colour, geometry
from podoba.learn.augmentation.geometry import identity, warp
from podoba.learn.augmentation.randaugment import Draw
from podoba.learn.settings import AugmentationSettings

Matrices = Callable[[int, AugmentationSettings, torch.Generator], Tensor]
Change = Callable[[Tensor, AugmentationSettings, torch.Generator], Tensor]

GEOMETRIC: dict[str, tuple[Matrices, ...]] = {
    "crop": (geometry.crop,),
    "shift-zoom-rotate": (geometry.shift_zoom_rotate,),
    "shift-zoom-rotate-flip": (geometry.shift_zoom_rotate, geometry.flip),
    "flip": (geometry.flip,),
}
PHOTOMETRIC: dict[str, Change] = {"colour-jitter": colour.jitter}
ERASING: dict[str, Change] = {"random-erasing": colour.erase}


class Augmentation:
    """Random changes of a batch; equal generators give equal results on every device.

    Attributes:
        mixup: alpha of the Beta distribution where images are to be mixed after (`mixup_batch`), else None.
    """

    def __init__(self, settings: AugmentationSettings) -> None:
        self.settings = settings
        names = settings.names
        self.geometric = [matrix for name, parts in GEOMETRIC.items() if name in names for matrix in parts]
        self.colours = [change for name, change in PHOTOMETRIC.items() if name in names]
        self.erasing = [change for name, change in ERASING.items() if name in names]
        self.randaugment = "randaugment" in names
        self.mixup = settings.mixup if "mixup" in names else None

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Changed images (B, 3, H, W), float32 in [0, 1], of such images; `generator` is one of the CPU."""
        n = len(images)
        drawn = Draw(n, self.settings, generator) if self.randaugment else None
        matrices = [part(n, self.settings, generator) for part in self.geometric]
        if drawn is not None:
            matrices.append(drawn.matrices())
        if matrices:
            product = identity(n)
            for matrix in matrices:
                product = product @ matrix
            images = warp(images, product, self.settings.fill)
        if drawn is not None:
            images = drawn.colours(images)
        for change in (*self.colours, *self.erasing):
            images = change(images, self.settings, generator)
        return images


def build_augmentation(settings: AugmentationSettings) -> Augmentation:
    """The augmentation that settings describe."""
    return Augmentation(settings)


def check_augmentation(settings: AugmentationSettings, needs_logits: bool) -> None:
    """Raises `SettingsError` where images are to be mixed under a loss without classes."""
    if "mixup" in settings.names and not needs_logits:
        raise SettingsError(
            "augmentation.name=mixup mixes two classes in one image, which only a classification loss can learn from: "
            "use loss.name=cross-entropy or another augmentation"
        )
