"""Features of a frozen backbone do not depend on what computes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from podoba.learn.data.feature_extractor import WORTH, extractor
from podoba.learn.networks.backbones import build_backbone
from podoba.runs.settings import BackboneSettings

CPU = torch.device("cpu")


@pytest.mark.parametrize(("name", "size"), [("starter", 64), ("small-resnet", 32), ("vgg11", 32), ("vit_tiny_patch16_224", 32)])
def test_many_images_have_the_features_of_few(name: str, size: int) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name=name, pretrained=name == "starter"), size).eval()
    images = torch.rand(5, size, size, 3).permute(0, 3, 1, 2)  # as they come from the pixels: channels last in memory
    with torch.inference_mode():
        few, many = (extractor(backbone, CPU, count)(images) for count in (WORTH - 1, WORTH))
    assert many.dtype == np.float32
    np.testing.assert_allclose(many, few, atol=1e-4 * np.abs(few).max())
