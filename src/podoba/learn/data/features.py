"""Features of a frozen backbone, computed once: per image, and per cached augmented view."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from podoba.arrays import Floats
from podoba.cache.location import cache_dir, mark_used
from podoba.files import replacing
from podoba.learn.augmentation.build import Augmentation
from podoba.learn.data.feature_extractor import Engine, EngineSettings, choose_engine, extractor
from podoba.learn.data.load import Split
from podoba.learn.networks.backbones import Backbone
from podoba.learn.networks.network import to_unit
from podoba.progress import OnProgress, silent

VERSION = 3


@dataclass(frozen=True)
class View:
    """One augmented view of all images.

    Attributes:
        augmentation: changes the images.
        key: everything the augmentation depends on, as text.
        seed: tells one view from another.
    """

    augmentation: Augmentation
    key: str
    seed: int


def backbone_fingerprint(backbone: Backbone) -> str:
    """16 hexadecimal digits of the network's name, input size and weights."""
    digest = hashlib.sha256(f"{VERSION} {backbone.name} {backbone.input_size}".encode())
    for key, value in sorted(backbone.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def cached_features(
    backbone: Backbone,
    split: Split,
    *,
    fingerprint: str,
    device: torch.device,
    view: View | None = None,
    stage: str = "features",
    progress: OnProgress = silent,
    settings: EngineSettings = EngineSettings(),
) -> Tensor:
    """Features (m, feature_dim), float32, of the pool of a split, from the cache or computed now; `pool_rows` says whose.

    Several processes that want the same ones compute them once: the others wait.

    Args:
        fingerprint: of the backbone (`backbone_fingerprint`).
        view: None: of the images as they are.
        stage: names this work to `progress`.
    """
    engine = choose_engine(backbone, device, len(split.pool), settings)
    rows = hashlib.sha256(split.pool.tobytes()).hexdigest()
    viewed = "" if view is None else f"{view.key} {view.seed}"
    key = f"{fingerprint} {engine} {split.store.key} {rows} {viewed}"
    compute = partial(_compute, backbone, split, engine, view, stage, progress, settings.batch_size)
    return torch.from_numpy(cached_array(key, compute))


def cached_array(key: str, compute: Callable[[], Floats]) -> Floats:
    """What `compute` gives, float32, from the cache where it was computed before; other processes that want it wait.

    Args:
        key: everything that it depends on, as text.
    """
    path = cache_dir() / "features" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                values = compute()
                with replacing(path) as draft, draft.open("wb") as file:
                    np.save(file, values)
    mark_used(path)
    stored: Floats = np.load(path)
    return stored


def pool_rows(split: Split) -> Tensor:
    """Rows (n,), int64, of a split among the features of its pool."""
    return torch.from_numpy(np.searchsorted(split.pool, split.rows))


@torch.inference_mode()
def _compute(
    backbone: Backbone, split: Split, engine: Engine, view: View | None, stage: str, progress: OnProgress, batch_size: int
) -> Floats:
    backbone.eval()
    extract = extractor(backbone, engine)
    generator = torch.Generator().manual_seed(0 if view is None else view.seed)
    features = np.empty((len(split.pool), backbone.feature_dim), dtype=np.float32)
    for start in range(0, len(split.pool), batch_size):
        pixels = torch.from_numpy(split.store.images[split.pool[start : start + batch_size]]).to(backbone.mean.device)
        images = to_unit(pixels)
        if view is not None:
            images = view.augmentation(images, generator)
        features[start : start + len(pixels)] = extract(images)
        progress(stage, start + len(pixels), len(split.pool))
    return features
