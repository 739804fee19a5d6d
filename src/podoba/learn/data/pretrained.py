"""Descriptors of a pretrained network before anything is learned: what a training must be better than."""

import hashlib
from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from podoba.arrays import Floats
from podoba.learn.data.features import backbone_fingerprint, cached_array, cached_features, pool_rows
from podoba.learn.data.load import Split
from podoba.learn.networks.backbones import build_backbone
from podoba.models.bundled import BUNDLED
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.runs.settings import Settings

BATCH = 128  # images at a time


def pretrained_descriptors(settings: Settings, device: torch.device) -> Callable[[Split], Floats]:
    """What gives the descriptors (n, dim), float32, unit length, of the images of a split; they are computed once.

    They are those of the bundled model where it is the backbone and sees the images as it was made for; else the features of
    the backbone, at unit length.

    Args:
        settings: resolved; the backbone has pretrained weights.
    """
    if settings.backbone.name in BUNDLED and settings.backbone.pretrained is True:
        encoder = open_model(settings.backbone.name, device="cpu")
        if settings.resize is None and encoder.card.input_size == settings.input_size:
            return lambda split: _encoded(encoder, split)[pool_rows(split).numpy()]
    backbone = build_backbone(settings.backbone, settings.input_size).to(device)
    fingerprint = backbone_fingerprint(backbone)

    def describe(split: Split) -> Floats:
        features = cached_features(backbone, split, fingerprint=fingerprint, device=device)[pool_rows(split)]
        units: Floats = functional.normalize(features).numpy()
        return units

    return describe


def _encoded(encoder: Encoder, split: Split) -> Floats:
    """Descriptors (m, dim) of the pool of a split by a model file."""

    def compute() -> Floats:
        starts = range(0, len(split.pool), BATCH)
        return np.concatenate([encoder.encode(split.store.images[split.pool[start : start + BATCH]]) for start in starts])

    rows = hashlib.sha256(split.pool.tobytes()).hexdigest()
    return cached_array(f"model {encoder.fingerprint} {split.store.key} {rows}", compute)
