"""What is put before and behind a graph: few nodes, under names of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

from podoba.models.foreign.ends import Ends
from podoba.models.foreign.outputs import Output

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16
ONES = np.ones(3, dtype=np.float32)


@pytest.mark.parametrize(
    ("output", "behind"),
    [
        (Output("image_embeds", "none", FLOAT), ["LpNormalization"]),
        (Output("image_embeds", "none", HALF), ["Cast", "LpNormalization"]),
        (Output("last_hidden_state", "first", FLOAT), ["Gather", "LpNormalization"]),
        (Output("maps", "mean", FLOAT), ["GlobalAveragePool", "Flatten", "LpNormalization"]),
    ],
)
def test_no_more_is_added_than_is_needed(output: Output, behind: list[str], repositories: Any) -> None:
    graph = repositories.graph()
    graph.tokens()
    graph.embedding("maps", "image_embeds")
    outputs = {"image_embeds": ["b", 5], "last_hidden_state": ["b", 16, 6], "maps": ["b", 6, 4, 4]}
    model = graph.model({"pixel_values": (FLOAT, ["b", 3, 8, 8])}, outputs)
    ends = Ends(model, output, ["images"])
    own = len(model.graph.node)
    ends.begin_with_pixels("pixel_values", FLOAT, size=8, channels_last=False, scale=ONES, shift=ONES)
    ends.end_in_descriptors()
    kinds = [node.op_type for node in model.graph.node]
    assert kinds[: len(kinds) - own - len(behind)] == ["Transpose", "Cast", "Mul", "Add"]
    assert kinds[len(kinds) - len(behind) :] == behind


def test_names_of_ours_are_freed(repositories: Any) -> None:
    graph = repositories.graph()
    graph.add("Identity", "tokens", to="podoba_cast")
    graph.add("Neg", "podoba_cast", to="descriptors")
    model = graph.model({"tokens": (TensorProto.INT32, ["b", "t"])}, {"descriptors": ["b", "t"]})
    ends = Ends(model, Output("descriptors", "none", TensorProto.INT32), ["tokens"])
    ends.begin_with_numbers(model.graph.input[0].name, TensorProto.INT32, "tokens", None)
    ends.end_in_descriptors()
    made = [(list(node.input), list(node.output)) for node in model.graph.node]
    assert made == [
        (["tokens"], ["tokens_inside"]),
        (["tokens_inside"], ["podoba_cast"]),
        (["podoba_cast"], ["descriptors_inside"]),
        (["descriptors_inside"], ["podoba_cast_3"]),
        (["podoba_cast_3"], ["descriptors"]),
    ]
