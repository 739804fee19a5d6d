"""RandAugment (Cubuk et al., 2020) on batches: N operations an image, all of strength M of 30."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from podoba.learn.augmentation import colour
from podoba.learn.augmentation.draw import Random, rand, randint
from podoba.learn.augmentation.geometry import identity
from podoba.runs.settings import AugmentationSettings

Change = Callable[[Tensor, Tensor], Tensor]
GEOMETRIC = ("rotate", "shear-x", "shear-y", "translate-x", "translate-y")
# The strength runs from -1 to 1 for changes with two directions; the others take its size.
PHOTOMETRIC: dict[str, Change] = {
    "brightness": lambda images, s: colour.brightness(images, 1 + 0.9 * s),
    "contrast": lambda images, s: colour.contrast(images, 1 + 0.9 * s),
    "saturation": lambda images, s: colour.saturation(images, 1 + 0.9 * s),
    "sharpness": lambda images, s: colour.sharpen(images, 1 + 0.9 * s),
    "posterize": lambda images, s: colour.posterize(images, s.abs()),
    "solarize": lambda images, s: colour.solarize(images, s.abs()),
    "stretch-contrast": lambda images, s: colour.stretch_contrast(images, s.abs()),
}
OPERATIONS = ("identity", *GEOMETRIC, *PHOTOMETRIC)
DEGREES, SHEAR, TRANSLATION = 30.0, 0.3, 0.9  # at M = 30; a translation of 2 would be the whole side


class Draw:
    """The operations drawn for a batch.

    The geometric ones act before the others, whatever their order was: so they share the one interpolation of all
    geometric changes.
    """

    def __init__(self, n: int, settings: AugmentationSettings, random: Random) -> None:
        shape = (settings.operations, n)
        self.chosen = randint(len(OPERATIONS), shape, random)
        sign = torch.where(rand(shape, random) < 0.5, -1.0, 1.0)
        self.strength = sign * settings.magnitude / 30

    def matrices(self) -> list[Tensor]:
        """One (n, 3, 3) an operation: the geometric change of each image that drew one, else the identity."""
        return [_matrices(*drawn) for drawn in zip(self.chosen, self.strength, strict=True)]

    def colours(self, images: Tensor) -> Tensor:
        """The other operations, on the images (n, 3, H, W) that drew them."""
        images = images.clone()
        for chosen, strength in zip(self.chosen, self.strength, strict=True):
            for name, change in PHOTOMETRIC.items():
                rows = (chosen == OPERATIONS.index(name)).nonzero().squeeze(1)
                if len(rows):
                    there = rows.to(images.device)
                    images[there] = change(images[there], strength[rows]).clamp_(0, 1)
        return images


def _matrices(chosen: Tensor, strength: Tensor) -> Tensor:
    matrices = identity(len(chosen))

    def put(name: str, row: int, column: int, values: Tensor) -> None:
        here = chosen == OPERATIONS.index(name)
        matrices[here, row, column] = values[here]

    angle = strength * DEGREES * math.pi / 180
    put("rotate", 0, 0, torch.cos(angle))
    put("rotate", 1, 1, torch.cos(angle))
    put("rotate", 0, 1, -torch.sin(angle))
    put("rotate", 1, 0, torch.sin(angle))
    put("shear-x", 0, 1, SHEAR * strength)
    put("shear-y", 1, 0, SHEAR * strength)
    put("translate-x", 0, 2, TRANSLATION * strength)
    put("translate-y", 1, 2, TRANSLATION * strength)
    return matrices
