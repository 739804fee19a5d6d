from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from podoba.learn.data.load import load_data
from podoba.learn.data.pretrained import pretrained_descriptors
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import to_unit
from podoba.learn.setup import pixel_rule, resolve
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.runs.settings import Settings

CPU = torch.device("cpu")
Make = Callable[..., Settings]


def test_those_of_a_bundled_model_are_what_its_file_gives_and_are_computed_once(
    small: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small(backbone={"name": "small"}, input_size=None, validation=0.0)
    backbone = build_backbone(settings.backbone, None)
    settings = resolve(settings, backbone)
    data = load_data(settings, pixel_rule(settings, backbone))
    descriptors = pretrained_descriptors(settings, CPU)(data.train)
    encoder = open_model("small", device="cpu")
    expected = encoder.encode(data.train.store.images[data.train.rows])
    np.testing.assert_allclose(descriptors, expected, atol=1e-3)
    monkeypatch.setattr(Encoder, "encode", None)
    np.testing.assert_array_equal(pretrained_descriptors(settings, CPU)(data.train), descriptors)


def test_those_of_another_size_are_the_features_of_the_backbone(small: Make) -> None:
    settings = small(backbone={"name": "small"}, input_size=32)
    backbone = build_backbone(settings.backbone, 32)
    settings = resolve(settings, backbone)
    data = load_data(settings, pixel_rule(settings, backbone))
    assert data.validation is not None
    descriptors = pretrained_descriptors(settings, CPU)(data.validation)
    backbone.eval()
    with torch.no_grad():
        features = backbone(to_unit(torch.from_numpy(data.validation.store.images[data.validation.rows])))
    np.testing.assert_allclose(descriptors, torch.nn.functional.normalize(features).numpy(), atol=1e-5)
