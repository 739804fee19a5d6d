"""Pixels of a graph in 8 bits as they are: bytes already, that need not become numbers and bytes again."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from podoba.models.encoder import INPUT

SAME = 1e-4  # relative difference of two scales


def take_bytes(model: onnx.ModelProto) -> bool:
    """Let a quantized graph read its pixels as bytes of a scale and a zero, in place; returns whether it could.

    Where pixels are only scaled and shifted by numbers that are the same for all colours, and then quantized, that is what their
    bytes are in any case, if there were black and white pixels among those it was quantized after. The zero is a whole number, so
    that brightness is off by at most half a level.
    """
    graph = model.graph
    numbers = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    scale, shift, chain, pixels = 1.0, 0.0, list[onnx.NodeProto](), INPUT
    node = _only(readers, INPUT)
    if node is not None and node.op_type == "Transpose":
        pixels = node.output[0]
        node = _only(readers, pixels)
    while node is not None and node.op_type in ("Cast", "Add", "Sub", "Mul", "Div"):
        if node.op_type != "Cast":
            number = numbers.get(node.input[1])
            if number is None or number.size != 1:
                return False
            value = float(number.ravel()[0])
            if node.op_type in ("Mul", "Div"):
                factor = value if node.op_type == "Mul" else 1 / value
                scale, shift = scale * factor, shift * factor
            else:
                shift += value if node.op_type == "Add" else -value
        chain.append(node)
        node = _only(readers, node.output[0])
    widened = _only(readers, node.output[0]) if node is not None and node.op_type == "QuantizeLinear" else None
    if node is None or widened is None or not chain or scale <= 0 or not 0 <= round(-shift / scale) <= 255:
        return False
    if not np.isclose(numbers[node.input[1]], scale, rtol=SAME):
        return False  # the shifts of the first convolution are in units of the scale
    scale_name, zero_name = f"{INPUT}.scale", f"{INPUT}.zero"
    graph.initializer.append(numpy_helper.from_array(np.float32(scale), scale_name))
    graph.initializer.append(numpy_helper.from_array(np.uint8(round(-shift / scale)), zero_name))
    place = list(graph.node).index(widened)
    graph.node.insert(place, helper.make_node("DequantizeLinear", [pixels, scale_name, zero_name], [widened.output[0]]))
    for old in (*chain, node, widened):
        graph.node.remove(old)
    read = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in read]:
        graph.initializer.remove(tensor)
    return True


def _only(readers: dict[str, list[onnx.NodeProto]], name: str) -> onnx.NodeProto | None:
    """The node that reads a value, where it is the only one."""
    found = readers.get(name, [])
    return found[0] if len(found) == 1 else None
