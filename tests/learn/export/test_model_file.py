from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from podoba.learn.export.model_file import export_onnx, export_timm, save_weights
from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.learn.networks.network import DescriptorNetwork, describe
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.runs.settings import BackboneSettings, HeadSettings


@pytest.mark.parametrize(("name", "size"), [("small-resnet", 32), ("vgg11", 32), ("resnet18", 64), ("vit_tiny_patch16_224", 32)])
@pytest.mark.parametrize("half", [False, True])
def test_exported_model_gives_the_networks_descriptors(tmp_path: Path, name: str, size: int, half: bool) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name=name, pretrained=False), size)
    network = DescriptorNetwork(backbone, HeadSettings(hidden=64, dim=32), None).eval()
    card = Card.make(name="x", input_size=size, dim=32, backbone=name)
    export_onnx(network, card, tmp_path / "x.onnx", half=half)
    images = np.random.default_rng(0).integers(0, 256, (5, size, size, 3), dtype=np.uint8)
    expected = describe(network, torch.from_numpy(images)).numpy()
    encoder = Encoder(tmp_path / "x.onnx")
    np.testing.assert_allclose(encoder.encode(images), expected, atol=5e-3 if half else 1e-4)
    assert encoder.card.name == "x"


def test_half_precision_halves_the_files(tmp_path: Path) -> None:
    network = build_backbone(BackboneSettings(name="small-resnet", pretrained=False), 32)
    card = Card.make(name="x", input_size=32, dim=network.feature_dim, backbone="small-resnet")
    for half in (False, True):
        export_onnx(network, card, tmp_path / f"{half}.onnx", half=half)
        save_weights(network, tmp_path / f"{half}.safetensors", half=half)
    for ending in ("onnx", "safetensors"):
        assert (tmp_path / f"True.{ending}").stat().st_size < 0.6 * (tmp_path / f"False.{ending}").stat().st_size
    assert load_file(tmp_path / "True.safetensors").keys() == network.state_dict().keys()


def test_a_timm_network_becomes_a_model_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpublished(settings: BackboneSettings, size: int | None) -> Backbone:
        return build_backbone(settings.model_copy(update={"pretrained": False}), size)

    monkeypatch.setattr("podoba.learn.export.model_file.build_backbone", unpublished)
    export_timm("timm/mobilenetv3_small_050", tmp_path / "deep" / "m.onnx")
    encoder = Encoder(tmp_path / "deep" / "m.onnx")
    size = encoder.card.input_size
    descriptors = encoder.encode(np.zeros((2, size, size, 3), dtype=np.uint8))
    assert descriptors.shape == (2, encoder.card.dim)
    np.testing.assert_allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-5)
    assert encoder.card.training_data[0].licence
