"""Models in 8 bits: nearly the same descriptors from a smaller file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from podoba.errors import ModelError
from podoba.images.sources.open import open_source
from podoba.learn.export.model_file import export_onnx, save_model
from podoba.learn.export.quantize import IMAGES, compare, quantize, sample
from podoba.learn.networks.backbones import build_backbone
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.runs.settings import BackboneSettings

SIZE = 32


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name="vgg11", pretrained=False), SIZE).eval()
    card = Card.make(name="x", input_size=SIZE, dim=backbone.feature_dim, backbone="vgg11")
    export_onnx(backbone, card, tmp_path / "x.onnx", half=True)  # of VGG's convolutions some are replaced by products
    return tmp_path / "x.onnx"


def test_descriptors_are_nearly_those_of_the_model(model: Path, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (48, SIZE, SIZE, 3), dtype=np.uint8)
    quantize(model, images, tmp_path / "small.onnx")
    before, after = Encoder(model), Encoder(tmp_path / "small.onnx")
    assert compare(before, after, images)["cosine"] > 0.99
    assert after.card == before.card.model_copy(update={"precision": "int8"})
    kinds = [node.op_type for node in onnx.load(str(after.path)).graph.node]
    assert kinds.count("Conv") == 8
    assert "QuantizeLinear" in kinds
    assert after.path.stat().st_size < 0.6 * model.stat().st_size
    quantize(model, images, tmp_path / "all.onnx", all_bits=True)
    nearer = compare(before, Encoder(tmp_path / "all.onnx"), images)["cosine"]
    assert nearer > compare(before, after, images)["cosine"]
    with pytest.raises(ModelError, match="in 8 bits already"):
        quantize(after.path, images, tmp_path / "smaller.onnx")


def test_activations_that_are_clipped_are_in_8_bits_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(  # as MobileNet: what a ReLU6 left in float32 would be turned back and forth at each layer
        nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.ReLU6(),
        nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.ReLU6(), nn.Conv2d(16, 24, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip
    card = Card.make(name="x", input_size=SIZE, dim=24, backbone="none")
    export_onnx(network, card, tmp_path / "x.onnx")
    images = np.random.default_rng(0).integers(0, 256, (48, SIZE, SIZE, 3), dtype=np.uint8)
    quantize(tmp_path / "x.onnx", images, tmp_path / "small.onnx")
    before, after = Encoder(tmp_path / "x.onnx"), Encoder(tmp_path / "small.onnx")
    assert compare(before, after, images)["cosine"] > 0.99
    graph = onnx.load(str(after.path)).graph
    made = {name: node.op_type for node in graph.node for name in node.output}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) == 3
    assert {made[node.input[0]] for node in convolutions} == {"DequantizeLinear"}
    assert [node.op_type for node in graph.node].count("Clip") == 1  # of the unit length: the others are the bytes' range


def test_the_sample_is_spread_over_the_source() -> None:
    card = Card.make(name="x", input_size=8, dim=1, backbone="none")
    found = sample(open_source("digits"), card)
    assert found.shape == (IMAGES, 8, 8, 3)


def test_a_network_without_convolutions_is_left_alone(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["real"], ["flat"], axis=1),
        helper.make_node("LpNormalization", ["flat"], ["descriptors"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "flat",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ("batch", 4, 4, 3))],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ("batch", 48))],
    )
    path = tmp_path / "flat.onnx"
    save_model(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
        Card.make(name="flat", input_size=4, dim=48, backbone="none"),
        path,
    )
    with pytest.raises(ModelError, match="no convolutions"):
        quantize(path, np.full((4, 4, 4, 3), 9, dtype=np.uint8), tmp_path / "small.onnx")
