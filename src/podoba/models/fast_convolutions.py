"""3x3 convolutions of a model file as matrix products: ONNX Runtime encodes in a half to two thirds of the time on a CPU.

The same two ways as in `fast_convolution`, here as nodes of the graph: Winograd's F(4x4, 3x3) (Lavin and Gray, 2016), and on maps
of at most 2x2 pixels one dense product without the taps that fall on padding. The file keeps the plain 3x3 kernels; what is made
of them are nodes that depend on nothing but them, which ONNX Runtime computes once when it loads the file. The last node of each
remembers the convolution it stands for, so that it can be put back.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference

from podoba.learn.accelerate.convolution import KERNEL, OUTPUT, TILE

Array = NDArray[Any]

# Measured on one core with ONNX Runtime 1.32: 128 to 128 channels gains nothing, 128 to 256 a fifth, 512 to 512 a half.
LEAST_PRODUCT = 128 * 256  # in x out channels
LEAST_CHANNELS = 128
LEAST_DENSE = 64  # channels in or out, on maps of at most 2x2 pixels
REMEMBERED = "podoba replaced: "
MOST_PADDED = 1.2  # tiles may hold so many times the pixels of the map: at 7x7 and 14x14 nothing is gained in all


def accelerate_graph(model: onnx.ModelProto) -> int:
    """Replace in place the convolutions that gain from it; returns how many.

    The maps must have a known height and width, and the kernel must be a constant of the graph; others stay as they are.
    """
    graph = model.graph
    shapes = _shapes(shape_inference.infer_shapes(model, data_prop=True).graph)
    constants = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    builder = _Builder()
    replaced = 0
    for node in graph.node:
        size = _size(node, shapes, constants) if node.op_type == "Conv" else None
        if size is None:
            nodes.append(node)
            continue
        builder.begin(f"fast{replaced}")
        outputs, inputs = constants[node.input[1]][:2]
        if max(size) <= 2:
            _dense(builder, node, size, inputs, outputs)
        else:
            _winograd(builder, node, size, inputs, outputs)
        made = builder.take()
        made[-1].doc_string = REMEMBERED + base64.b64encode(node.SerializeToString()).decode()
        nodes += made
        replaced += 1
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(builder.constants)
    return replaced


def restore_graph(model: onnx.ModelProto) -> int:
    """Put back in place the convolutions that `accelerate_graph` replaced; returns how many."""
    graph = model.graph
    restored = 0
    for place, node in enumerate(graph.node):
        if node.doc_string.startswith(REMEMBERED):
            graph.node[place].CopyFrom(onnx.NodeProto.FromString(base64.b64decode(node.doc_string.removeprefix(REMEMBERED))))
            restored += 1
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):  # a graph's nodes stand in the order of computation
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    constants = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.node[:]
    graph.node.extend(reversed(kept))
    del graph.initializer[:]
    graph.initializer.extend(constants)
    return restored


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
    kernels = build.add("MatMul", build.constant(KERNEL.numpy()), taps)
    kernels = build.add("Reshape", kernels, build.numbers(36, inputs, outputs))

    pixels = build.add("Transpose", node.input[0], perm=[0, 2, 3, 1])
    rim = build.numbers(0, 1, 1, 0, 0, 4 * down + 1 - height, 4 * across + 1 - width, 0)
    rows = build.add("Gather", build.add("Pad", pixels, rim), build.constant(_places(down)), axis=1)
    tiles = build.add("Gather", rows, build.constant(_places(across)), axis=3)  # (N, 6, down, 6, across, C)
    tiles = build.add("Transpose", tiles, perm=[1, 3, 0, 2, 4, 5])
    tiles = build.add("MatMul", build.constant(TILE.numpy()), build.add("Reshape", tiles, build.numbers(36, -1)))
    products = build.add("MatMul", build.add("Reshape", tiles, build.numbers(36, -1, inputs)), kernels)
    maps = build.add("MatMul", build.constant(OUTPUT.numpy()), build.add("Reshape", products, build.numbers(36, -1)))
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


def _size(node: onnx.NodeProto, shapes: dict[str, list[int]], constants: dict[str, tuple[int, ...]]) -> tuple[int, int] | None:
    """Height and width of the maps of a convolution that is worth replacing; None where it is not."""
    kernel = constants.get(node.input[1], ())
    known = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    plain = (
        kernel[2:] == (3, 3)
        and known.get("group", 1) == 1
        and list(known.get("strides", [1, 1])) == [1, 1]
        and list(known.get("pads", [0] * 4)) == [1, 1, 1, 1]
        and list(known.get("dilations", [1, 1])) == [1, 1]
        and known.get("auto_pad", b"NOTSET") == b"NOTSET"
    )
    shape = shapes.get(node.input[0], [])
    if not plain or len(shape) != 4 or min(shape[2:]) < 1:
        return None
    height, width = shape[2:]
    least, product = min(kernel[:2]), kernel[0] * kernel[1]
    if max(height, width) <= 2:
        return (height, width) if least >= LEAST_DENSE else None
    padded = 16 * -(-height // 4) * -(-width // 4) / (height * width)
    gains = least >= LEAST_CHANNELS and product >= LEAST_PRODUCT and padded <= MOST_PADDED
    return (height, width) if gains else None


def _shapes(graph: onnx.GraphProto) -> dict[str, list[int]]:
    """Sides of every value; 0 where one is not known."""
    values = [*graph.value_info, *graph.input, *graph.output]
    return {value.name: [side.dim_value for side in value.type.tensor_type.shape.dim] for value in values}
