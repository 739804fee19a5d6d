"""A tiny descriptor model: flattened pixels around grey, normalised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from podoba.models.card import CARD_KEY, Card

SIZE = 8
DIM = SIZE * SIZE * 3

MakeModel = Callable[..., Path]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Writes a model; arguments replace parts of it by wrong ones, or fields of its card; `last`: how `flat` is normalised."""

    def make(
        name: str = "model.onnx",
        *,
        card: str | None = "",
        kind: int = TensorProto.UINT8,
        output: str = "descriptors",
        shape: tuple[int | str, ...] = ("batch", SIZE, SIZE, 3),
        grey: float = 127.25,
        last: Sequence[onnx.NodeProto] = (),
        **facts: Any,
    ) -> Path:
        nodes = [
            helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Sub", ["real", "grey"], ["centred"]),
            helper.make_node("Flatten", ["centred"], ["flat"], axis=1),
            *(last or [helper.make_node("LpNormalization", ["flat"], [output], axis=1, p=2)]),
        ]
        graph = helper.make_graph(
            nodes,
            "tiny",
            [helper.make_tensor_value_info("images", kind, shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ("batch", None))],
            [helper.make_tensor("grey", TensorProto.FLOAT, [], [grey])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if card is not None:
            entry = model.metadata_props.add()
            fields = {"name": "tiny", "input_size": SIZE, "dim": DIM, "backbone": "none"} | facts
            entry.key, entry.value = CARD_KEY, card or Card(**fields).to_json()
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        return path

    return make
