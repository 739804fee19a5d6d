"""Graphs with their convolutions replaced give what ONNX Runtime gives for the plain ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from podoba.learn.accelerate.graph import accelerate_graph, restore_graph

from podoba.learn.export.model_file import export_onnx
from podoba.learn.networks.backbones import build_backbone
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.runs.settings import BackboneSettings

RNG = np.random.default_rng(0)


def graph(inputs: int, outputs: int, height: int, width: int, *, biased: bool = True, **attributes: object) -> onnx.ModelProto:
    """One convolution from `x` to `y`, and a ReLU behind it."""
    kernel = (RNG.standard_normal((outputs, inputs, 3, 3)) / np.sqrt(9 * inputs)).astype(np.float32)
    constants = [numpy_helper.from_array(kernel, "kernel")]
    names = ["x", "kernel"]
    if biased:
        constants.append(numpy_helper.from_array(RNG.standard_normal(outputs).astype(np.float32), "bias"))
        names.append("bias")
    told = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], **attributes}
    nodes = [helper.make_node("Conv", names, ["maps"], **told), helper.make_node("Relu", ["maps"], ["y"])]
    into = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", inputs, height, width])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    made = helper.make_graph(nodes, "one convolution", [into], [out], constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(model: onnx.ModelProto, images: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": images})[0]


@given(
    st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2), (4, 4), (8, 4), (8, 8), (15, 16), (12, 20)]),
    st.booleans(),
    st.integers(1, 3),
)
@settings(max_examples=20, deadline=None)
def test_maps_are_those_of_the_plain_convolution(size: tuple[int, int], biased: bool, n: int) -> None:
    plain = graph(128, 256, *size, biased=biased)
    fast = onnx.ModelProto.FromString(plain.SerializeToString())
    assert accelerate_graph(fast) == 1
    assert "Conv" not in {node.op_type for node in fast.graph.node}
    images = RNG.standard_normal((n, 128, *size)).astype(np.float32)
    np.testing.assert_allclose(run(fast, images), run(plain, images), atol=1e-4)


@pytest.mark.parametrize("size", [(2, 2), (8, 8)])
def test_replaced_convolutions_can_be_put_back(size: tuple[int, int]) -> None:
    plain = graph(128, 256, *size)
    model = onnx.ModelProto.FromString(plain.SerializeToString())
    assert accelerate_graph(model) == 1
    assert restore_graph(model) == 1
    assert model.SerializeToString() == plain.SerializeToString()
    assert restore_graph(model) == 0


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((128, 256, 8, 8), {"strides": [2, 2]}),
        ((128, 256, 8, 8), {"pads": [0, 0, 0, 0]}),
        ((128, 256, 8, 8), {"dilations": [2, 2], "pads": [2, 2, 2, 2]}),
        ((64, 64, 8, 8), {}),  # too few channels to gain
        ((128, 256, 5, 5), {}),  # tiles that would be mostly padding
    ],
)
def test_others_stay_as_they_are(shape: tuple[int, int, int, int], attributes: dict[str, object]) -> None:
    model = graph(*shape, **attributes)
    before = model.SerializeToString()
    assert accelerate_graph(model) == 0
    assert model.SerializeToString() == before


@pytest.mark.parametrize("half", [False, True])
def test_an_exported_network_gives_the_descriptors_of_the_torch_one(half: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name="small-resnet-wide", transfer="scratch"), 64).eval()
    card = Card.make(name="x", input_size=64, dim=backbone.feature_dim, backbone="small-resnet-wide")
    export_onnx(backbone, card, tmp_path / "model.onnx", half=half)
    kinds = {node.op_type for node in onnx.load(str(tmp_path / "model.onnx")).graph.node}
    assert {"Conv", "Pad"} <= kinds  # some are replaced, some stay
    images = RNG.integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = torch.nn.functional.normalize(backbone(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255))
    found = Encoder(tmp_path / "model.onnx").encode(images)
    np.testing.assert_allclose(found, expected.numpy(), atol=2e-3 if half else 1e-5)
