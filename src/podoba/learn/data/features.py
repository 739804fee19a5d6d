"""Features of a frozen backbone, computed once: per image, and per cached augmented view."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from torch import Tensor

from podoba.cache.location import cache_dir, mark_used
from podoba.learn.augmentation.build import Augmentation
from podoba.learn.data.feature_extractor import extractor
from podoba.learn.data.load import Part
from podoba.learn.networks.backbones import Backbone
from podoba.learn.networks.network import to_unit

VERSION = 2
BATCH = 128


def backbone_fingerprint(backbone: Backbone) -> str:
    """16 hexadecimal digits of the network's name, input size and weights."""
    digest = hashlib.sha256(f"{VERSION} {backbone.name} {backbone.input_size}".encode())
    for key, value in sorted(backbone.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def cached_features(
    backbone: Backbone,
    part: Part,
    *,
    fingerprint: str,
    device: torch.device,
    augmentation: Augmentation | None = None,
    augmentation_key: str = "",
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Tensor:
    """Features (m, feature_dim), float32, of the pool of a part, from the cache or computed now; `places` says which are whose.

    Several processes that want the same ones compute them once: the others wait.

    Args:
        fingerprint: of the backbone (`backbone_fingerprint`).
        augmentation: changes the images before; one call is one view, told apart by `seed`.
        augmentation_key: everything the augmentation depends on, as text.
        progress: called with images done and images in all.
    """
    rows = hashlib.sha256(part.pool.tobytes()).hexdigest()
    view = f"{augmentation_key} {seed}" if augmentation is not None else ""
    key = hashlib.sha256(f"{fingerprint} {part.store.key} {rows} {view}".encode()).hexdigest()[:24]
    path = cache_dir() / "features" / f"{key}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                _save(path, _compute(backbone, part, device, augmentation, seed, progress))
    mark_used(path)
    return torch.from_numpy(np.load(path))


def places(part: Part) -> Tensor:
    """Rows (n,), int64, of a part among the features of its pool."""
    return torch.from_numpy(np.searchsorted(part.pool, part.rows))


@torch.inference_mode()
def _compute(
    backbone: Backbone,
    part: Part,
    device: torch.device,
    augmentation: Augmentation | None,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> NDArray[np.float32]:
    backbone.eval()
    extract = extractor(backbone, device, len(part.pool))
    generator = torch.Generator().manual_seed(seed)
    features = np.empty((len(part.pool), backbone.feature_dim), dtype=np.float32)
    for start in range(0, len(part.pool), BATCH):
        pixels = torch.from_numpy(part.store.images[part.pool[start : start + BATCH]]).to(device)
        images = to_unit(pixels)
        if augmentation is not None:
            images = augmentation(images, generator)
        features[start : start + len(pixels)] = extract(images)
        if progress is not None:
            progress(start + len(pixels), len(part.pool))
    return features


def _save(path: Path, features: NDArray[np.float32]) -> None:
    draft = path.with_suffix(".tmp")  # of this process alone, which holds the lock
    with draft.open("wb") as file:
        np.save(file, features)
    os.replace(draft, path)
