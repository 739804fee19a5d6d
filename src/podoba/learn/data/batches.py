"""What a batch is made of: pixels through the whole network, or cached features through the head alone."""

import hashlib
from functools import partial
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from podoba.arrays import Indices
from podoba.learn.augmentation.build import Augmentation
from podoba.learn.augmentation.draw import Part
from podoba.learn.augmentation.mixup import draw_partners
from podoba.learn.data.features import View, backbone_fingerprint, cached_features, pool_rows
from podoba.learn.data.load import Data, Split
from podoba.learn.networks.network import DescriptorNetwork, to_unit
from podoba.progress import OnProgress, silent
from podoba.runs.settings import Settings

VIEWS_VERSION = 2  # raised when an augmentation draws otherwise than before, so that cached views are not taken for new ones


class Batches(Protocol):
    """Gives the inputs of the network for some rows of the training or validation split."""

    features: bool  # whether inputs are features, so that only the head runs

    def train(self, indices: Indices, epoch: int, step: int) -> tuple[Tensor, tuple[Tensor, float] | None]:
        """Inputs of training images, and where two images were mixed: the permutation and the share of the first.

        Args:
            indices: of a batch; where several processes share it, the inputs are those of this one's share (`Share`), unless they
                are features. The permutation is of the whole batch.
        """

    def plain(self, indices: Indices) -> Tensor:
        """Inputs of training images as they are."""

    def validation(self, indices: Indices) -> Tensor:
        """Inputs of validation images, never augmented."""


def derived_seed(*numbers: int) -> int:
    """A seed made of several numbers: epochs and steps are pure functions of it, so no generator state is saved."""
    return int.from_bytes(hashlib.sha256(repr(numbers).encode()).digest()[:6], "big")


class PixelBatches:
    """Pixels, augmented afresh at every step."""

    features = False

    def __init__(self, data: Data, settings: Settings, device: torch.device, rank: int = 0, world: int = 1) -> None:
        self.data = data
        self.rank, self.world = rank, world
        self.device = device
        self.seed = settings.seed
        self.epochs = settings.epochs
        self.sizes = settings.training_sizes
        changes = settings.augmentation.names or self.sizes
        self.augmentation: Augmentation | None = Augmentation(settings.augmentation) if changes else None

    def train(self, indices: Indices, epoch: int, step: int) -> tuple[Tensor, tuple[Tensor, float] | None]:
        here = torch.arange(len(indices))[self.rank :: self.world]
        if self.augmentation is None:
            return self._images(self.data.train, indices[here.numpy()]), None
        if self.augmentation.mixup is None:
            return self._augmented(indices, here, epoch, step), None
        generator = torch.Generator().manual_seed(derived_seed(self.seed, epoch, step, 1))
        permutation, share = draw_partners(len(indices), generator, self.augmentation.mixup)
        if self.world == 1:
            images = self._augmented(indices, here, epoch, step)
            partners = images[permutation.to(self.device)]
        else:  # the partners of a share are anywhere in the batch
            images, partners = self._augmented(indices, torch.cat([here, permutation[here]]), epoch, step).chunk(2)
        return torch.lerp(partners, images, share), (permutation.to(self.device), share)

    def plain(self, indices: Indices) -> Tensor:
        return self._images(self.data.train, indices)

    def validation(self, indices: Indices) -> Tensor:
        assert self.data.validation is not None
        return self._images(self.data.validation, indices)

    def _augmented(self, indices: Indices, here: Tensor, epoch: int, step: int) -> Tensor:
        """Images of a batch with the changes that they get in it, whichever process changes them."""
        assert self.augmentation is not None
        generator = torch.Generator().manual_seed(derived_seed(self.seed, epoch, step, 0))
        size = None if self.sizes is None else self.sizes[epoch * len(self.sizes) // self.epochs]
        random = generator if self.world == 1 else Part(generator, len(indices), here)
        return self.augmentation(self._images(self.data.train, indices[here.numpy()]), random, size)

    def _images(self, split: Split, indices: Indices) -> Tensor:
        pixels = torch.from_numpy(np.take(split.store.images, split.rows[indices], axis=0))
        return to_unit(pixels.to(self.device)).contiguous(memory_format=torch.channels_last)


class FeatureBatches:
    """Features of a frozen backbone, computed once a view; the views are cycled over the epochs."""

    features = True

    def __init__(
        self, network: DescriptorNetwork, data: Data, settings: Settings, device: torch.device, progress: OnProgress = silent
    ) -> None:
        backbone, fingerprint = network.backbone, backbone_fingerprint(network.backbone)
        views = _views(settings)
        self.rows = pool_rows(data.train).to(device)
        self.views: list[Tensor] = []
        for number, view in enumerate(views, 1):
            stage = f"features {number}/{len(views)}"
            features = cached_features(
                backbone, data.train, fingerprint=fingerprint, device=device, view=view, stage=stage, progress=progress
            )
            self.views.append(features.to(device))
        self._plain = partial(cached_features, backbone, data.train, fingerprint=fingerprint, device=device, progress=progress)
        self.unchanged: Tensor | None = self.views[0] if views[0] is None else None
        self.held_out: Tensor | None = None
        if data.validation is not None:
            stage = "features of the validation images"
            features = cached_features(
                backbone, data.validation, fingerprint=fingerprint, device=device, stage=stage, progress=progress
            )
            self.held_out = features[pool_rows(data.validation)].to(device)

    def train(self, indices: Indices, epoch: int, step: int) -> tuple[Tensor, tuple[Tensor, float] | None]:
        return self.views[epoch % len(self.views)][self.rows[torch.from_numpy(indices).to(self.rows.device)]], None

    def plain(self, indices: Indices) -> Tensor:
        if self.unchanged is None:
            self.unchanged = self._plain().to(self.rows.device)
        return self.unchanged[self.rows[torch.from_numpy(indices).to(self.rows.device)]]

    def validation(self, indices: Indices) -> Tensor:
        assert self.held_out is not None
        return self.held_out[torch.from_numpy(indices)]


def can_cache(network: DescriptorNetwork, settings: Settings) -> bool:
    """Whether features may be computed once: nothing of the backbone learns, and no view is drawn online."""
    online = bool(settings.augmentation.names) and settings.augmentation.views == "online"
    return network.frozen and not online and "mixup" not in settings.augmentation.names


def _views(settings: Settings) -> list[View | None]:
    """The views of the training images; those of a run are shared by runs of other seeds."""
    if not settings.augmentation.names:
        return [None]
    assert isinstance(settings.augmentation.views, int)
    augmentation = Augmentation(settings.augmentation)
    key = f"{VIEWS_VERSION} {settings.augmentation.model_dump_json(exclude={'views'})}"
    return [View(augmentation, key, derived_seed(i)) for i in range(min(settings.augmentation.views, settings.epochs))]
