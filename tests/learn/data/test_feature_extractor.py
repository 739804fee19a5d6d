"""Features of a frozen backbone do not depend on what computes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from podoba.learn.data.feature_extractor import Engine, EngineSettings, choose_engine, extractor
from podoba.learn.networks.backbones import build_backbone
from podoba.runs.settings import BackboneSettings

CPU = torch.device("cpu")


@pytest.mark.parametrize(("name", "size"), [("small", 64), ("small-resnet", 32), ("vgg11", 32), ("vit_tiny_patch16_224", 32)])
def test_many_images_have_the_features_of_few(name: str, size: int) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name=name, pretrained=name == "small"), size).eval()
    images = torch.rand(5, size, size, 3).permute(0, 3, 1, 2)  # as they come from the pixels: channels last in memory
    with torch.inference_mode():
        few, many = (extractor(backbone, choose_engine(backbone, CPU, count))(images) for count in (999, 1000))
    assert many.dtype == np.float32
    np.testing.assert_allclose(many, few, atol=1e-4 * np.abs(few).max())


def test_the_engine_goes_by_device_and_number_of_images() -> None:
    backbone = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
    settings = EngineSettings(onnx_from=10)
    assert choose_engine(backbone, CPU, 9, settings) == Engine("torch", "cpu", True)
    assert choose_engine(backbone, CPU, 10, settings) == Engine("onnxruntime", "cpu", True)
    assert choose_engine(backbone, torch.device("cuda"), 10, settings) == Engine("torch", "cuda", False)


@pytest.mark.parametrize("library", ["torch", "onnxruntime"])
def test_plain_convolutions_give_the_features_of_fast_ones(library: str) -> None:
    features = []
    for fast in (True, False):
        torch.manual_seed(0)
        settings = BackboneSettings(name="vgg11", pretrained=False, fast_convolutions=fast)
        backbone = build_backbone(settings, 32).eval()
        engine = choose_engine(backbone, CPU, 1, EngineSettings(onnx_from=0 if library == "onnxruntime" else 2))
        assert (engine.library, engine.fast_convolutions) == (library, fast)
        with torch.inference_mode():
            features.append(extractor(backbone, engine)(torch.full((13, 3, 32, 32), 0.3)))
    fast_features, plain = features
    np.testing.assert_allclose(fast_features, plain, atol=1e-4 * np.abs(fast_features).max())
    assert not np.array_equal(fast_features, plain)
