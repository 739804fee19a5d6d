"""3x3 convolutions of an open model as matrix products: ONNX Runtime encodes in a half to two thirds of the time on a CPU.

Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016), and on maps of at most 2x2
pixels one dense product without the taps that fall on padding: the same two ways as training uses. A model file stays plain;
its graph is rewritten when it is opened. What is made of the kernels are nodes that depend on nothing but them, which ONNX
Runtime computes once when it opens the graph. The package `onnx` takes long to import: only models that may gain import this.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, shape_inference

from podoba.models.winograd import KERNEL, OUTPUT, TILE

Array = NDArray[Any]
OLDEST = 11  # opset: before it, Pad and Slice took their numbers in another way


@dataclass(frozen=True)
class FastConvolutionSettings:
    """Which convolutions of a graph are replaced; measured on one core with ONNX Runtime 1.32.

    128 to 128 channels gain nothing, 128 to 256 a fifth, 512 to 512 a half; maps of 7x7 and 14x14 nothing in all.

    Attributes:
        least_channels: of the maps before and of those behind.
        least_product: of the one number times the other.
        most_padded: how many times the pixels of the maps the tiles may hold.
        least_dense: channels before and behind, for maps of at most 2x2 pixels.
    """

    least_channels: int = 128
    least_product: int = 128 * 256
    most_padded: float = 1.2
    least_dense: int = 64


def rewritten(path: Path) -> bytes | None:
    """The graph of a model file with the convolutions that gain from it replaced; None where none gains.

    The maps agree with those of the plain graph up to rounding. Raises errors of `onnx` for a file that is no model.
    """
    model = onnx.load(str(path), load_external_data=False)
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in model.graph.initializer):
        return None  # too large to be opened from memory
    return model.SerializeToString() if replace_convolutions(model) else None


def replace_convolutions(model: onnx.ModelProto, settings: FastConvolutionSettings = FastConvolutionSettings()) -> int:
    """Replace in place the convolutions that gain from it; returns how many.

    The maps must have a known height and width, and the kernel must be a constant of the graph, in single precision or widened
    to it; others stay as they are.
    """
    graph = model.graph
    constants = _constants(graph)
    opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    if opset < OLDEST or not any(_is_plain(node, constants) for node in graph.node):
        return 0
    shapes = _shapes(shape_inference.infer_shapes(model, data_prop=True).graph)
    nodes: list[onnx.NodeProto] = []
    builder = _Builder()
    replaced = 0
    for node in graph.node:
        size = _size(node, shapes, constants, settings)
        if size is None:
            nodes.append(node)
            continue
        builder.begin(f"fast{replaced}")
        outputs, inputs = constants[node.input[1]][:2]
        if max(size) <= 2:
            _dense(builder, node, size, inputs, outputs)
        else:
            _winograd(builder, node, size, inputs, outputs)
        nodes += builder.take()
        replaced += 1
    if replaced:
        del graph.node[:]
        graph.node.extend(nodes)
        graph.initializer.extend(builder.constants)
    return replaced


@dataclass
class _Builder:
    """Nodes and constants under names of their own."""

    constants: list[onnx.TensorProto] = field(default_factory=list)
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    prefix: str = ""

    def begin(self, prefix: str) -> None:
        self.prefix = prefix

    def take(self) -> list[onnx.NodeProto]:
        nodes, self.nodes = self.nodes, []
        return nodes

    def constant(self, value: Array) -> str:
        name = f"{self.prefix}.constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def numbers(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))

    def add(self, kind: str, *inputs: str, to: str | None = None, **attributes: Any) -> str:
        name = to or f"{self.prefix}.{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name


def _winograd(build: _Builder, node: onnx.NodeProto, size: tuple[int, int], inputs: int, outputs: int) -> None:
    height, width = size
    down, across = -(-height // 4), -(-width // 4)
    taps = build.add("Reshape", build.add("Transpose", node.input[1], perm=[2, 3, 1, 0]), build.numbers(9, inputs * outputs))
    kernels = build.add("MatMul", build.constant(KERNEL), taps)
    kernels = build.add("Reshape", kernels, build.numbers(36, inputs, outputs))

    pixels = build.add("Transpose", node.input[0], perm=[0, 2, 3, 1])
    rim = build.numbers(0, 1, 1, 0, 0, 4 * down + 1 - height, 4 * across + 1 - width, 0)
    rows = build.add("Gather", build.add("Pad", pixels, rim), build.constant(_places(down)), axis=1)
    tiles = build.add("Gather", rows, build.constant(_places(across)), axis=3)  # (N, 6, down, 6, across, C)
    tiles = build.add("Transpose", tiles, perm=[1, 3, 0, 2, 4, 5])
    tiles = build.add("MatMul", build.constant(TILE), build.add("Reshape", tiles, build.numbers(36, -1)))
    products = build.add("MatMul", build.add("Reshape", tiles, build.numbers(36, -1, inputs)), kernels)
    maps = build.add("MatMul", build.constant(OUTPUT), build.add("Reshape", products, build.numbers(36, -1)))
    maps = build.add("Reshape", maps, build.numbers(4, 4, -1, down, across, outputs))
    maps = build.add("Transpose", maps, perm=[2, 3, 0, 4, 1, 5])
    maps = build.add("Reshape", maps, build.numbers(-1, 4 * down, 4 * across, outputs))
    if (height, width) != (4 * down, 4 * across):
        maps = build.add("Slice", maps, build.numbers(0, 0), build.numbers(height, width), build.numbers(1, 2))
    if len(node.input) > 2:
        maps = build.add("Add", maps, node.input[2])
    build.add("Transpose", maps, to=node.output[0], perm=[0, 3, 1, 2])


def _dense(build: _Builder, node: onnx.NodeProto, size: tuple[int, int], inputs: int, outputs: int) -> None:
    height, width = size
    # The tap from every input pixel to every output pixel; where all pixels are neighbours, every pair has one.
    places = [(row, column) for row in range(height) for column in range(width)]
    taps = np.array([[(a - r + 1) * 3 + (b - c + 1) for r, c in places] for a, b in places], dtype=np.int64)
    kernel = build.add("Reshape", build.add("Transpose", node.input[1], perm=[2, 3, 1, 0]), build.numbers(9, inputs, outputs))
    kernel = build.add("Transpose", build.add("Gather", kernel, build.constant(taps), axis=0), perm=[0, 2, 1, 3])
    kernel = build.add("Reshape", kernel, build.numbers(len(places) * inputs, len(places) * outputs))
    pixels = build.add("Transpose", node.input[0], perm=[0, 2, 3, 1])
    maps = build.add("MatMul", build.add("Reshape", pixels, build.numbers(-1, len(places) * inputs)), kernel)
    maps = build.add("Reshape", maps, build.numbers(-1, height, width, outputs))
    if len(node.input) > 2:
        maps = build.add("Add", maps, node.input[2])
    build.add("Transpose", maps, to=node.output[0], perm=[0, 3, 1, 2])


def _places(tiles: int) -> Array:
    """Places along a side, (6, tiles): a tile begins every four pixels."""
    return np.arange(6)[:, None] + 4 * np.arange(tiles)[None, :]


def _is_plain(node: onnx.NodeProto, constants: dict[str, tuple[int, ...]]) -> bool:
    """Whether a node is a 3x3 convolution of stride 1 that keeps the size of its maps, with a kernel that is known."""
    if node.op_type != "Conv" or constants.get(node.input[1], ())[2:] != (3, 3):
        return False
    known = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    return (
        known.get("group", 1) == 1
        and list(known.get("strides", [1, 1])) == [1, 1]
        and list(known.get("pads", [0] * 4)) == [1, 1, 1, 1]
        and list(known.get("dilations", [1, 1])) == [1, 1]
        and known.get("auto_pad", b"NOTSET") == b"NOTSET"
    )


def _size(
    node: onnx.NodeProto, shapes: dict[str, list[int]], constants: dict[str, tuple[int, ...]], settings: FastConvolutionSettings
) -> tuple[int, int] | None:
    """Height and width of the maps of a convolution that is worth replacing; None where it is not."""
    shape = shapes.get(node.input[0], []) if _is_plain(node, constants) else []
    if len(shape) != 4 or min(shape[2:]) < 1:
        return None
    height, width = shape[2:]
    outputs, inputs = constants[node.input[1]][:2]
    least = min(outputs, inputs)
    if max(height, width) <= 2:
        return (height, width) if least >= settings.least_dense else None
    padded = 16 * -(-height // 4) * -(-width // 4) / (height * width)
    gains = least >= settings.least_channels and outputs * inputs >= settings.least_product and padded <= settings.most_padded
    return (height, width) if gains else None


def _constants(graph: onnx.GraphProto) -> dict[str, tuple[int, ...]]:
    """Sides of the constants in single precision, those included that are stored in half precision and widened."""
    stored = {tensor.name: tensor for tensor in graph.initializer}
    sides = {name: tuple(tensor.dims) for name, tensor in stored.items() if tensor.data_type == TensorProto.FLOAT}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in stored and node.attribute[0].i == TensorProto.FLOAT:
            sides[node.output[0]] = tuple(stored[node.input[0]].dims)
    return sides


def _shapes(graph: onnx.GraphProto) -> dict[str, list[int]]:
    """Sides of every value; 0 where one is not known."""
    values = [*graph.value_info, *graph.input, *graph.output]
    return {value.name: [side.dim_value for side in value.type.tensor_type.shape.dim] for value in values}
