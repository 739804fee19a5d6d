"""Pixels before a graph: which input takes them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from onnx import ModelProto, TensorProto

from podoba.errors import ModelError
from podoba.models.foreign.image_graph import find_pixels, image_graph
from podoba.models.foreign.outputs import Output

FLOAT, LONG = TensorProto.FLOAT, TensorProto.INT64
OUTPUT = Output("image_embeds", "none", FLOAT)


def model(repositories: Any, sides: Any, **others: tuple[int, Any]) -> ModelProto:
    """A graph whose `image_embeds` is computed from pixels and, where there are, from other inputs."""
    graph = repositories.graph()
    last = "flat"
    graph.add("Flatten", "pixel_values", to=last)
    for name, (kind, _) in others.items():
        graph.add("Cast", name, to=f"{name}_numbers", to_=kind)
        last = graph.add("Add", last, f"{name}_numbers", to=f"with_{name}")
    graph.add("Identity", last, to="image_embeds")
    made: ModelProto = graph.model({"pixel_values": (FLOAT, sides), **others}, {"image_embeds": ["b", "d"]})
    return made


@pytest.mark.parametrize("sides", [["b", 3, 8, 8], ["b", "c", "h", "w"], ["b", 8, 8, 3], ["b", "h", "w", 3], None])
def test_sides_that_fit(sides: Any, repositories: Any) -> None:
    graph = model(repositories, sides)
    image_graph(graph, find_pixels(graph), OUTPUT, 8, 1, 0)
    assert [value.name for value in graph.graph.input] == ["images"]
    assert [value.name for value in graph.graph.output] == ["descriptors"]
    turned = [node.op_type for node in graph.graph.node].count("Transpose")
    assert turned == (0 if sides is not None and sides[3] == 3 else 1)


@pytest.mark.parametrize(
    ("sides", "reason"),
    [
        (["b", 3, 16, 16], "takes 16 pixels where its processor makes 8"),
        (["b", 3, 8, 16], "takes oblong pictures"),
        (["b", 1, 8, 8], "not pictures of three channels"),
        (["b", 4, "h", "w"], "not pictures of three channels"),
    ],
)
def test_sides_that_do_not_fit(sides: Any, reason: str, repositories: Any) -> None:
    graph = model(repositories, sides)
    with pytest.raises(ModelError, match=reason) as raised:
        image_graph(graph, find_pixels(graph), OUTPUT, 8, 1, 0)
    assert "\n" not in str(raised.value)


def test_other_inputs_than_pixels_are_refused(repositories: Any) -> None:
    graph = model(repositories, ["b", 3, 8, 8], spatial_shapes=(FLOAT, ["b", 192]))
    with pytest.raises(ModelError, match=r"image_embeds is computed from pixel_values: .*, spatial_shapes"):
        image_graph(graph, find_pixels(graph), OUTPUT, 8, 1, 0)


def test_a_graph_of_words_takes_no_pictures(repositories: Any) -> None:
    graph = repositories.graph()
    graph.words("text_embeds")
    with pytest.raises(ModelError, match=r"takes no pictures \(input_ids: int64 \(any, any\)\)"):
        find_pixels(graph.model({"input_ids": (LONG, ["b", "l"])}, {"text_embeds": ["b", 5]}))
