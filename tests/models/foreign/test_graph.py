"""Graphs as they are edited."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from podoba.models.foreign.graph import cut, described, find_value, names_of, real_inputs, rename, shape_of, unused

FLOAT = TensorProto.FLOAT


def constant(name: str, *values: float) -> TensorProto:
    return numpy_helper.from_array(np.array(values, dtype=np.float32), name)


@pytest.fixture
def forked() -> onnx.ModelProto:
    """`wanted` reads `outer` only within an If; `other` reads what `wanted` does not."""
    then = helper.make_graph(
        [helper.make_node("Add", ["outer", "own"], ["yes"])], "then", [], [value("yes")], [constant("own", 1)]
    )
    otherwise = helper.make_graph([helper.make_node("Neg", ["outer"], ["no"])], "otherwise", [], [value("no")])
    nodes = [
        helper.make_node("Mul", ["x", "two"], ["outer"]),
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["positive"]),
        helper.make_node("If", ["positive"], ["wanted"], then_branch=then, else_branch=otherwise),
        helper.make_node("Add", ["unread", "three"], ["other"]),
    ]
    constants = [constant("two", 2), constant("three", 3), numpy_helper.from_array(np.float32(0), "zero")]
    inputs = [value("x"), value("unread"), value("two")]
    graph = helper.make_graph(nodes, "g", inputs, [value("wanted"), value("other")], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=3)


def value(name: str, *sides: Any) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, FLOAT, sides or [1])


def run(model: onnx.ModelProto, tensor: str, x: float) -> float:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return float(session.run([tensor], {"x": np.array([x], dtype=np.float32)})[0][0])


def test_what_one_tensor_does_not_need_is_cut_off(forked: onnx.ModelProto) -> None:
    cut(forked, "wanted")
    graph = forked.graph
    assert [node.op_type for node in graph.node] == ["Mul", "ReduceSum", "Greater", "If"]
    assert [tensor.name for tensor in graph.initializer] == ["two", "zero"]
    assert [one.name for one in graph.input] == ["x"]
    assert forked.ir_version == 4
    graph.output.append(value("wanted"))
    assert (run(forked, "wanted", 3), run(forked, "wanted", -3)) == (7, 6)


def test_nodes_need_not_be_in_order(forked: onnx.ModelProto) -> None:
    """As converters to half precision leave them; ONNX Runtime sorts them."""
    nodes = list(reversed(forked.graph.node))
    del forked.graph.node[:]
    forked.graph.node.extend(nodes)
    cut(forked, "wanted")
    assert [node.op_type for node in forked.graph.node] == ["If", "Greater", "ReduceSum", "Mul"]
    forked.graph.output.append(value("wanted"))
    assert run(forked, "wanted", 3) == 7


def test_inputs_and_outputs_that_are_left_out_bind_nothing(forked: onnx.ModelProto) -> None:
    forked.graph.node.append(helper.make_node("Dropout", ["other"], ["dropped", ""]))
    forked.graph.node.append(helper.make_node("Clip", ["wanted", "", "three"], ["clipped"]))
    cut(forked, "clipped")
    assert [node.op_type for node in forked.graph.node] == ["Mul", "ReduceSum", "Greater", "If", "Clip"]


def test_a_tensor_is_renamed_within_inner_graphs_too(forked: onnx.ModelProto) -> None:
    for old, new in (("outer", "outside"), ("x", "y"), ("two", "twice"), ("yes", "certainly"), ("wanted", "found")):
        rename(forked, old, new)
    assert not {"outer", "x", "two", "yes", "wanted"} & names_of(forked)
    rename(forked, "y", "x")
    cut(forked, "found")
    forked.graph.output.append(value("found"))
    assert (run(forked, "found", 3), run(forked, "found", -3)) == (7, 6)


def test_initialisers_among_the_inputs_are_no_inputs(forked: onnx.ModelProto) -> None:
    assert [one.name for one in real_inputs(forked)] == ["x", "unread"]


def test_names_that_are_taken() -> None:
    assert unused({"a"}, "b") == "b"
    assert unused({"a", "a_2"}, "a") == "a_3"


def test_values_in_words() -> None:
    open_side = value("x", "batch", 3, 0, 8)
    assert shape_of(open_side) == [None, 3, None, 8]
    shapeless = helper.make_tensor_value_info("y", TensorProto.FLOAT16, None)
    assert shape_of(shapeless) is None
    assert described([open_side, shapeless]) == "x: float (any, 3, any, 8), y: float16 of any shape"


def test_shapes_that_are_not_written_are_worked_out(repositories: Any) -> None:
    graph = repositories.graph()
    graph.embedding(graph.tokens(), "image_embeds")
    large = np.zeros((30, 100), dtype=np.float32)  # more than a shape can have: its numbers are left out
    graph.constants.append(numpy_helper.from_array(large, "large"))
    graph.add("MatMul", "image_embeds_flat", graph.weight("wide", 96, 30), to="before")
    graph.add("MatMul", "before", "large", to="behind")
    model = graph.model({"pixel_values": (FLOAT, ["b", 3, 8, 8])}, {"image_embeds": None})
    for name, shape in {
        "image_embeds": [None, 5],
        "rows": [None, 6, 16],
        "last_hidden_state": [None, 16, 6],
        "maps": [None, 6, 4, 4],
        "behind": [None, 100],
    }.items():
        found = find_value(model, name)
        assert found is not None
        assert shape_of(found) == shape
    assert find_value(model, "pixel_values") is None
    assert find_value(model, "nothing") is None
