from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file

from podoba.learn.export.model_file import export_onnx, save_weights
from podoba.learn.networks.backbones import build_backbone
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


def test_the_file_holds_plain_convolutions(tmp_path: Path) -> None:
    backbone = build_backbone(BackboneSettings(name="vgg11", pretrained=False), 32).eval()
    card = Card.make(name="x", input_size=32, dim=backbone.feature_dim, backbone="vgg11")
    export_onnx(backbone, card, tmp_path / "x.onnx")
    kinds = [node.op_type for node in onnx.load(str(tmp_path / "x.onnx")).graph.node]
    assert kinds.count("Conv") == 8
    assert "MatMul" not in kinds


def test_a_crash_while_writing_leaves_the_file_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
    card = Card.make(name="x", input_size=16, dim=network.feature_dim, backbone="small-digits")
    export_onnx(network, card, tmp_path / "x.onnx")
    before = (tmp_path / "x.onnx").read_bytes()

    def full(model: object, path: str) -> None:
        Path(path).write_bytes(b"half of a")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(onnx, "save", full)
    with pytest.raises(OSError, match="No space left"):
        export_onnx(network, card, tmp_path / "x.onnx")
    assert (tmp_path / "x.onnx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.onnx"]
