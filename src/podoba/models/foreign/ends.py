"""What is put before and behind a published graph: pixels or tokens as we give them, descriptors as we promise them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from podoba.arrays import Floats
from podoba.models.encoder import INPUT, OUTPUT
from podoba.models.foreign.graph import cut, names_of, rename, unused
from podoba.models.foreign.outputs import Output

BATCH = "batch"


class Ends:
    """A graph that is cut down to one tensor, in place, and gets inputs and an output of ours."""

    def __init__(self, model: ModelProto, output: Output, inputs: Sequence[str]) -> None:
        """Cut a graph down to one of its tensors, and free the names of ours in it.

        Args:
            inputs: names that our inputs will have.
        """
        cut(model, output.tensor)
        self._graph, self._output = model.graph, output
        self._names = names_of(model) | {*inputs, OUTPUT}
        for name in names_of(model) & {*inputs, OUTPUT}:
            other = self._new(f"{name}_inside")
            rename(model, name, other)
            if output.tensor == name:
                self._output = replace(output, tensor=other)

    def begin_with_pixels(self, pixels: str, kind: int, *, size: int, channels_last: bool, scale: Floats, shift: Floats) -> None:
        """Compute the tensor `pixels`, of an element type of ONNX, from `images` uint8 (N, size, size, 3).

        Args:
            channels_last: it is (N, H, W, 3), not (N, 3, H, W).
            scale, shift: of each channel, float32 (3,): bytes are multiplied by the one, and the other is added.
        """
        last, nodes = INPUT, []
        sides = (3,) if channels_last else (3, 1, 1)
        if not channels_last:
            nodes.append(self._node("Transpose", last, perm=[0, 3, 1, 2]))  # of bytes: a quarter of what floats would move
            last = nodes[-1].output[0]
        for operator, extra, attributes in (
            ("Cast", (), {"to": TensorProto.FLOAT}),
            ("Mul", (self._constant(scale.reshape(sides), "scale"),), {}),
            ("Add", (self._constant(shift.reshape(sides), "shift"),), {}),
        ):
            nodes.append(self._node(operator, last, *extra, **attributes))
            last = nodes[-1].output[0]
        if kind != TensorProto.FLOAT:
            nodes.append(self._node("Cast", last, to=kind))
        self._begin(pixels, nodes, INPUT, TensorProto.UINT8, (BATCH, size, size, 3))

    def begin_with_numbers(self, tensor: str, kind: int, name: str, length: int | None) -> None:
        """Compute a tensor, of an element type of ONNX, from the input `name`, int64 (N, T): T is `length`, or any."""
        shape = (BATCH, "length" if length is None else length)
        self._begin(tensor, [self._node("Cast", name, to=kind)], name, TensorProto.INT64, shape)

    def end_in_descriptors(self) -> None:
        """Make `descriptors`, float32 (N, D), of unit length, of the output."""
        last, graph = self._output.tensor, self._graph
        steps: list[tuple[str, tuple[str, ...], dict[str, Any]]] = []
        if self._output.kind != TensorProto.FLOAT:
            steps.append(("Cast", (), {"to": TensorProto.FLOAT}))
        if self._output.pooling == "first":
            steps.append(("Gather", (self._constant(np.array(0, dtype=np.int64), "first"),), {"axis": 1}))
        if self._output.pooling == "mean":  # operators whose meaning is the same in every opset, unlike that of ReduceMean
            steps += [("GlobalAveragePool", (), {}), ("Flatten", (), {"axis": 1})]
        for operator, extra, attributes in steps:
            node = self._node(operator, last, *extra, **attributes)
            graph.node.append(node)
            last = node.output[0]
        graph.node.append(helper.make_node("LpNormalization", [last], [OUTPUT], axis=1, p=2))
        graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, (BATCH, None)))

    def _begin(self, tensor: str, nodes: list[NodeProto], name: str, kind: int, shape: tuple[str | int, ...]) -> None:
        """Put nodes before the graph, the last of which makes what was its input, and an input `name` before these."""
        graph = self._graph
        nodes[-1].output[0] = tensor
        for node in reversed(nodes):
            graph.node.insert(0, node)
        place = next(place for place, value in enumerate(graph.input) if value.name == tensor)
        graph.input[place].CopyFrom(helper.make_tensor_value_info(name, kind, shape))

    def _node(self, operator: str, *inputs: str, **attributes: Any) -> NodeProto:
        return helper.make_node(operator, list(inputs), [self._new(f"podoba_{operator.lower()}")], **attributes)

    def _constant(self, value: Any, wish: str) -> str:
        name = self._new(f"podoba_{wish}")
        self._graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def _new(self, wish: str) -> str:
        name = unused(self._names, wish)
        self._names.add(name)
        return name
