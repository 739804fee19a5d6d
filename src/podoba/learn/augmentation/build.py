"""Augmentations by name, composed: one interpolation for all that is geometric, then colours, then erasing."""

from collections.abc import Callable

import torch
from torch import Tensor

from podoba.errors import SettingsError
from podoba.learn.augmentation import colour, erasing, geometry, resolution
from podoba.learn.augmentation.draw import Random
from podoba.learn.augmentation.randaugment import Draw
from podoba.runs.settings import AugmentationSettings

Matrices = Callable[[int, AugmentationSettings, Random], Tensor]
Change = Callable[[Tensor, AugmentationSettings, Random], Tensor]

# In the order in which they act on an output place. `randaugment` has parts of both kinds and stands between the two;
# `mixup` also changes what the loss is given, so it is left to the caller.
GEOMETRIC: dict[str, tuple[Matrices, ...]] = {
    "crop": (geometry.crop,),
    "shift-zoom-rotate": (geometry.shift_zoom_rotate,),
    "shift-zoom-rotate-flip": (geometry.shift_zoom_rotate, geometry.flip),
    "flip": (geometry.flip,),
}
PHOTOMETRIC: dict[str, Change] = {
    "downscale": resolution.downscale, "colour-jitter": colour.jitter, "random-erasing": erasing.erase,
}  # fmt: skip


class Augmentation:
    """Random changes of a batch; equal generators give equal results on every device.

    Attributes:
        mixup: alpha of the Beta distribution where images are to be mixed after (`mixup_batch`), else None.

    Raises:
        SettingsError: a range that is none.
    """

    def __init__(self, settings: AugmentationSettings) -> None:
        _check_ranges(settings)
        self.settings = settings
        names = settings.names
        # A part that two names bring acts once.
        self.geometric = list(dict.fromkeys(part for name, parts in GEOMETRIC.items() if name in names for part in parts))
        self.photometric = [change for name, change in PHOTOMETRIC.items() if name in names]
        self.randaugment = "randaugment" in names
        self.mixup = settings.mixup if "mixup" in names else None

    def __call__(self, images: Tensor, random: Random, size: int | None = None) -> Tensor:
        """Changed images, float32 (B, 3, H, W) in [0, 1] on the same device and in the same memory format, of such images.

        Args:
            images: stay as they are.
            random: a generator of the CPU, or a part of a batch of which the rest is elsewhere.
            size: side of the changed images in pixels; None: that of the images given.
        """
        n, _, height, width = images.shape
        channels_last = images.is_contiguous(memory_format=torch.channels_last) and not images.is_contiguous()
        drawn = Draw(n, self.settings, random) if self.randaugment else None
        matrices = [part(n, self.settings, random) for part in self.geometric]
        if drawn is not None:
            matrices += drawn.matrices()
        changed = images
        if matrices:
            changed = geometry.warp(changed, geometry.compose(matrices, width / height), self.settings.fill, size)
        changed = geometry.resized(changed, size)
        if drawn is not None or self.photometric:
            changed = changed.contiguous()  # changes of colour are two to five times faster by planes
        if drawn is not None:
            changed = drawn.colours(changed)
        for change in self.photometric:
            changed = change(changed, self.settings, random)
        return changed.contiguous(memory_format=torch.channels_last) if channels_last else changed


def check_augmentation(settings: AugmentationSettings, needs_logits: bool) -> None:
    """Check settings against each other and against the loss.

    Raises:
        SettingsError: a range that is none, or images to be mixed under a loss without classes.
    """
    _check_ranges(settings)
    if "mixup" in settings.names and not needs_logits:
        raise SettingsError(
            "augmentation.name=mixup mixes two classes in one image, which only a classification loss can learn from: "
            "use loss.name=cross-entropy or another augmentation"
        )


def _check_ranges(settings: AugmentationSettings) -> None:
    for name, (low, high) in (("crop", settings.crop), ("erase_area", settings.erase_area)):
        if not 0 < low <= high <= 1:
            raise SettingsError(
                f"augmentation.{name}=[{low:g}, {high:g}] is no range of shares of the area: "
                "give two numbers over 0 and at most 1, the smaller first"
            )
