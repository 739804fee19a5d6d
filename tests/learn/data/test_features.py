from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from podoba.cache.location import cache_dir
from podoba.images.resize import PixelRule
from podoba.learn.augmentation.build import Augmentation
from podoba.learn.data.feature_extractor import EngineSettings
from podoba.learn.data.features import View, backbone_fingerprint, cached_features, pool_rows
from podoba.learn.data.load import Split, load_data
from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.learn.networks.network import to_unit
from podoba.runs.settings import AugmentationSettings, BackboneSettings, Settings

CPU = torch.device("cpu")


@pytest.fixture
def split(small: Callable[..., Settings]) -> Split:
    return load_data(small(), PixelRule(16)).train


@pytest.fixture
def backbone() -> Backbone:
    torch.manual_seed(0)
    return build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16).eval()


def kept() -> set[str]:
    return {path.name for path in (cache_dir() / "features").glob("*.npy")}


def features_of(backbone: Backbone, split: Split, **options: object) -> torch.Tensor:
    return cached_features(backbone, split, fingerprint=backbone_fingerprint(backbone), device=CPU, **options)  # type: ignore[arg-type]


def test_they_are_the_networks_own_a_row_an_image(backbone: Backbone, split: Split) -> None:
    features = features_of(backbone, split)[pool_rows(split)]
    images = to_unit(torch.from_numpy(split.store.images[split.rows]))
    with torch.inference_mode():
        torch.testing.assert_close(features, backbone(images))


def test_they_are_computed_once(backbone: Backbone, split: Split) -> None:
    seen: list[tuple[str, int, int]] = []
    first = features_of(backbone, split, stage="features 1/1", progress=lambda *said: seen.append(said))
    assert seen[-1] == ("features 1/1", 60, 60)
    count = len(seen)
    again = features_of(backbone, split, progress=lambda *said: seen.append(said))
    assert len(seen) == count
    assert torch.equal(first, again)


def test_features_of_another_engine_are_not_taken_for_these(backbone: Backbone, split: Split) -> None:
    by_torch = features_of(backbone, split, settings=EngineSettings(onnx_from=61))
    by_onnx_runtime = features_of(backbone, split, settings=EngineSettings(onnx_from=60))
    assert len(kept()) == 2
    torch.testing.assert_close(by_torch, by_onnx_runtime)
    backbone.fast_convolutions = False
    features_of(backbone, split, settings=EngineSettings(onnx_from=61))
    assert len(kept()) == 3


def test_other_weights_images_and_views_have_features_of_their_own(
    backbone: Backbone, split: Split, small: Callable[..., Settings]
) -> None:
    plain = features_of(backbone, split)
    fewer = load_data(small(limit_train=30), PixelRule(16)).train
    assert len(features_of(backbone, fewer)) == 30
    augmentation = Augmentation(AugmentationSettings(name="shift-zoom-rotate"))
    views = [features_of(backbone, split, view=View(augmentation, "shift-zoom-rotate", seed)) for seed in (0, 1)]
    with torch.no_grad():
        next(backbone.parameters()).add_(0.5)
    moved = features_of(backbone, split)
    assert len(kept()) == 5
    for other in (*views, moved):
        assert not torch.equal(plain, other)


def test_a_crash_while_computing_leaves_nothing(backbone: Backbone, split: Split) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features_of(backbone, split, progress=stop)
    assert kept() == set()
    assert np.isfinite(features_of(backbone, split).numpy()).all()
