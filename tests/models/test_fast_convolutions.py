"""Graphs with their convolutions replaced give what ONNX Runtime gives for the plain ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from podoba.learn.export.model_file import export_onnx
from podoba.learn.networks.backbones import build_backbone
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.fast_convolutions import FastConvolutionSettings, replace_convolutions, rewritten
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
    maps: np.ndarray = session.run(None, {"x": images})[0]
    return maps


@given(
    st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2), (4, 4), (8, 4), (8, 8), (15, 16), (12, 20)]),
    st.booleans(),
    st.integers(1, 3),
)
@settings(max_examples=20, deadline=None)
def test_maps_are_those_of_the_plain_convolution(size: tuple[int, int], biased: bool, n: int) -> None:
    plain = graph(128, 256, *size, biased=biased)
    fast = onnx.ModelProto.FromString(plain.SerializeToString())
    assert replace_convolutions(fast) == 1
    assert "Conv" not in {node.op_type for node in fast.graph.node}
    images = RNG.standard_normal((n, 128, *size)).astype(np.float32)
    np.testing.assert_allclose(run(fast, images), run(plain, images), atol=1e-4)


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
    inputs, outputs, height, width = shape
    model = graph(inputs, outputs, height, width, biased=True, **attributes)
    before = model.SerializeToString()
    assert replace_convolutions(model) == 0
    assert model.SerializeToString() == before


def test_settings_say_what_is_replaced() -> None:
    assert replace_convolutions(graph(64, 64, 8, 8), FastConvolutionSettings(least_channels=64, least_product=64)) == 1
    assert replace_convolutions(graph(128, 256, 5, 5), FastConvolutionSettings(most_padded=3.0)) == 1
    assert replace_convolutions(graph(128, 256, 2, 2), FastConvolutionSettings(least_dense=129)) == 0


@pytest.mark.parametrize("half", [False, True])
def test_a_session_replaces_them_in_a_file_that_stays_plain(half: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name="small-resnet-wide", transfer="scratch"), 64).eval()
    card = Card.make(name="x", input_size=64, dim=backbone.feature_dim, backbone="small-resnet-wide")
    path = tmp_path / "model.onnx"
    export_onnx(backbone, card, path, half=half)
    kinds = [node.op_type for node in onnx.load(str(path)).graph.node]
    content = rewritten(path)
    assert content is not None
    assert 0 < [node.op_type for node in onnx.ModelProto.FromString(content).graph.node].count("Conv") < kinds.count("Conv")
    images = RNG.integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = torch.nn.functional.normalize(backbone(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255))
    descriptors = [Encoder(path, 1, fast_convolutions=fast).encode(images) for fast in (True, False)]
    for found in descriptors:
        np.testing.assert_allclose(found, expected.numpy(), atol=2e-3 if half else 1e-5)
    fast, plain = descriptors
    np.testing.assert_allclose(fast, plain, atol=1e-5)
    assert not np.array_equal(fast, plain)


def test_a_file_in_which_nothing_gains_is_opened_as_it_is(tmp_path: Path) -> None:
    onnx.save(graph(64, 64, 8, 8), str(tmp_path / "x.onnx"))
    assert rewritten(tmp_path / "x.onnx") is None


def test_a_model_in_8_bits_is_opened_without_onnx() -> None:
    code = "import sys; from podoba.models.names import open_model; open_model('small', 1); print('onnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_transformer_is_opened_without_onnx(tmp_path: Path) -> None:
    """Its one convolution cuts the picture into patches: a file of hundreds of megabytes is not read twice for it."""
    patches = torch.nn.Sequential(torch.nn.Conv2d(3, 256, 8, stride=8), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    path = tmp_path / "model.onnx"
    export_onnx(patches.eval(), Card.make(name="x", input_size=16, dim=256, backbone="patches"), path)
    code = "import sys; from pathlib import Path; from podoba.models.encoder import Encoder; Encoder(Path(sys.argv[1]), 1)"
    code += "; print('onnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_graphs_of_old_operators_stay_as_they_are() -> None:
    old = graph(128, 256, 8, 8)
    old.opset_import[0].version = 10
    assert replace_convolutions(old) == 0
    assert [node.op_type for node in old.graph.node] == ["Conv", "Relu"]
