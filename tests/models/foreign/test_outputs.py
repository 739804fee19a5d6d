"""Which tensor of a graph is taken for the descriptor."""

from __future__ import annotations

from typing import Any

import pytest
from onnx import ModelProto, TensorProto, helper

from podoba.errors import ModelError
from podoba.models.foreign.outputs import FIRST_TOKEN, IMAGE_EMBEDDINGS, TRAINED_POOLING, Network, Output, choose_output

VECTOR, TOKENS, MAPS = ["b", 5], ["b", "t", 5], ["b", 5, "h", "w"]
FLOAT = TensorProto.FLOAT


def model(outputs: dict[str, Any], kind: int = FLOAT) -> ModelProto:
    values = [helper.make_tensor_value_info(name, kind, sides) for name, sides in outputs.items()]
    nodes = [helper.make_node("Opaque", ["x"], [name], domain="elsewhere") for name in outputs]
    return helper.make_model(helper.make_graph(nodes, "g", [], values))


def chosen(outputs: dict[str, Any], network: Network, named: str | None = None) -> Output:
    return choose_output(model(outputs), network, IMAGE_EMBEDDINGS, named)


@pytest.mark.parametrize(
    ("outputs", "kind", "tensor", "pooling"),
    [
        ({"logits": VECTOR, "last_hidden_state": TOKENS, "image_embeds": VECTOR}, "clip", "image_embeds", "none"),
        ({"embedding": VECTOR}, "", "embedding", "none"),
        ({"last_hidden_state": TOKENS, "pooler_output": VECTOR}, "siglip", "pooler_output", "none"),
        ({"last_hidden_state": TOKENS, "pooler_output": VECTOR}, "dinov2", "last_hidden_state", "first"),
        ({"last_hidden_state": TOKENS, "pooler_output": VECTOR}, "vit", "last_hidden_state", "first"),
        ({"last_hidden_state": MAPS, "pooler_output": MAPS}, "resnet", "last_hidden_state", "mean"),
        ({"last_hidden_state": MAPS}, "", "last_hidden_state", "mean"),
        ({"pooler_output": VECTOR}, "", "pooler_output", "none"),
    ],
)
def test_choice(outputs: dict[str, Any], kind: str, tensor: str, pooling: str) -> None:
    assert chosen(outputs, Network(kind)) == Output(tensor, pooling, FLOAT)  # type: ignore[arg-type]


def test_a_single_output_of_timm_is_taken_where_its_length_is_that_of_the_features() -> None:
    assert chosen({"y": VECTOR}, Network(features=5)) == Output("y", "none", FLOAT)
    with pytest.raises(ModelError, match="none of its outputs"):
        chosen({"y": ["b", 1000]}, Network(features=5))


@pytest.mark.parametrize(
    ("outputs", "kind", "reason"),
    [
        ({"logits": VECTOR}, "resnet", r"none of its outputs is known to be a descriptor \(logits: float \(any, 5\)\)"),
        ({"last_hidden_state": TOKENS, "pooler_output": VECTOR}, "newest", "tokens of a network of the kind newest become one"),
        ({"last_hidden_state": TOKENS}, "", "kind unknown"),
        ({"image_embeds": ["b"]}, "clip", "numbers of this shape become one vector"),
        ({"image_embeds": None}, "clip", "does not say of what shape"),
    ],
)
def test_what_is_refused(outputs: dict[str, Any], kind: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as raised:
        chosen(outputs, Network(kind))
    assert "--output" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_a_person_names_is_taken() -> None:
    outputs = {"logits": VECTOR, "image_embeds": VECTOR}
    assert chosen(outputs, Network(), "logits") == Output("logits", "none", FLOAT)
    with pytest.raises(ModelError, match="did you mean logits"):
        chosen(outputs, Network(), "logit")


def test_whole_numbers_are_no_descriptor() -> None:
    with pytest.raises(ModelError, match="not numbers that can be a descriptor"):
        choose_output(model({"image_embeds": VECTOR}, TensorProto.INT64), Network(), IMAGE_EMBEDDINGS)


def test_a_kind_of_network_is_pooled_in_one_way() -> None:
    assert not set(FIRST_TOKEN) & set(TRAINED_POOLING)
