"""What a batch is made of: pixels through the whole network, or cached features through the head alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from podoba.arrays import Indices
from podoba.learn.augmentation.build import Augmentation, build_augmentation
from podoba.learn.augmentation.mixup import mixup_batch
from podoba.learn.data.features import backbone_fingerprint, cached_features, places
from podoba.learn.data.load import Data, Part
from podoba.learn.networks.network import DescriptorNetwork, to_unit
from podoba.progress import OnProgress
from podoba.runs.settings import Settings

VIEWS_VERSION = 2  # raised when an augmentation draws otherwise than before, so that cached views are not taken for new ones


class Feed(Protocol):
    """Gives what the network is fed for some rows of the training or validation part."""

    features: bool  # whether inputs are features, so that only the head runs

    def train(self, indices: Indices, epoch: int, step: int) -> tuple[Tensor, tuple[Tensor, float] | None]:
        """Inputs of training images, and where two images were mixed: the permutation and the share of the first."""

    def validation(self, indices: Indices) -> Tensor:
        """Inputs of validation images, never augmented."""


def derived_seed(*parts: int) -> int:
    """A seed made of several numbers: epochs and steps are pure functions of it, so no generator state is saved."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6], "big")


class PixelFeed:
    """Pixels, augmented anew at every step."""

    features = False

    def __init__(self, data: Data, settings: Settings, device: torch.device, rank: int = 0) -> None:
        self.data = data
        self.rank = rank  # each of several processes draws changes of its own
        self.device = device
        self.seed = settings.seed
        self.epochs = settings.epochs
        self.sizes = settings.training_sizes
        changes = settings.augmentation.names or self.sizes
        self.augmentation: Augmentation | None = build_augmentation(settings.augmentation) if changes else None

    def train(self, indices: Indices, epoch: int, step: int) -> tuple[Tensor, tuple[Tensor, float] | None]:
        images = self._images(self.data.train, indices)
        if self.augmentation is None:
            return images, None
        generator = torch.Generator().manual_seed(derived_seed(self.seed, epoch, step, self.rank))
        size = None if self.sizes is None else self.sizes[epoch * len(self.sizes) // self.epochs]
        images = self.augmentation(images, generator, size)
        if self.augmentation.mixup is None:
            return images, None
        images, permutation, share = mixup_batch(images, generator, self.augmentation.mixup)
        return images, (permutation, share)

    def validation(self, indices: Indices) -> Tensor:
        assert self.data.validation is not None
        return self._images(self.data.validation, indices)

    def _images(self, part: Part, indices: Indices) -> Tensor:
        pixels = torch.from_numpy(np.take(part.store.images, part.rows[indices], axis=0))
        return to_unit(pixels.to(self.device)).contiguous(memory_format=torch.channels_last)


class FeatureFeed:
    """Features of a frozen backbone, computed once a view; the views are cycled over the epochs."""

    features = True

    def __init__(
        self,
        network: DescriptorNetwork,
        data: Data,
        settings: Settings,
        device: torch.device,
        progress: OnProgress | None = None,
    ) -> None:
        fingerprint = backbone_fingerprint(network.backbone)
        names = settings.augmentation.names
        views = settings.augmentation.views if names else 1
        assert isinstance(views, int)
        augmentation = build_augmentation(settings.augmentation) if names else None
        key = f"{VIEWS_VERSION} {settings.augmentation.model_dump_json(exclude={'views'})}"
        self.rows = places(data.train).to(device)
        self.views: list[Tensor] = []
        for view in range(min(views, settings.epochs)):
            self.views.append(
                cached_features(
                    network.backbone,
                    data.train,
                    fingerprint=fingerprint,
                    device=device,
                    augmentation=augmentation,
                    augmentation_key=key,
                    seed=derived_seed(view) if names else 0,  # not the run's: runs of other seeds share the views
                    progress=_named(progress, f"features {view + 1}/{views}"),
                ).to(device)
            )
        self.held: Tensor | None = None
        if data.validation is not None:
            features = cached_features(
                network.backbone,
                data.validation,
                fingerprint=fingerprint,
                device=device,
                progress=_named(progress, "features of the validation images"),
            )
            self.held = features[places(data.validation)].to(device)

    def train(self, indices: Indices, epoch: int, step: int) -> tuple[Tensor, tuple[Tensor, float] | None]:
        return self.views[epoch % len(self.views)][self.rows[torch.from_numpy(indices).to(self.rows.device)]], None

    def validation(self, indices: Indices) -> Tensor:
        assert self.held is not None
        return self.held[torch.from_numpy(indices)]


def can_cache(network: DescriptorNetwork, settings: Settings) -> bool:
    """Whether features may be computed once: nothing of the backbone learns, and no view is asked for online."""
    online = bool(settings.augmentation.names) and settings.augmentation.views == "online"
    return network.frozen and not online and "mixup" not in settings.augmentation.names


def _named(progress: OnProgress | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(name, done, total)
