"""Which tensor of a published graph is the descriptor, and how one vector is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from onnx import ModelProto, TensorProto, ValueInfoProto

from podoba.errors import ModelError, did_you_mean
from podoba.models.foreign.graph import described, find_value, shape_of

IMAGE_EMBEDDINGS = ("image_embeds", "image_embedding", "image_features", "embedding", "embeddings", "sentence_embedding")
TEXT_EMBEDDINGS = ("text_embeds", "text_embedding", "text_features", "embedding", "embeddings", "sentence_embedding")
TOKENS, POOLED = "last_hidden_state", "pooler_output"
# The first token is what these are trained or judged by. `pooler_output` of DINOv2 is that very token; that of ViT went through a
# layer that most published weights leave random.
FIRST_TOKEN = ("deit", "dinov2", "dinov2_with_registers", "dinov3_vit", "vit", "vit_mae", "vit_msn")
TRAINED_POOLING = (  # an attention over all tokens, the mean of them, or the first after a layer that was trained
    "siglip", "siglip_text_model", "siglip_vision_model", "siglip2", "siglip2_text_model", "siglip2_vision_model",
    "clip_text_model", "clip_vision_model", "swin", "swinv2",
)  # fmt: skip
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)

Pooling = Literal["none", "first", "mean"]


@dataclass(frozen=True)
class Output:
    """The tensor that holds the descriptors.

    Attributes:
        tensor: its name.
        pooling: it is one vector an image (`none`), or the first of its tokens (N, T, D), or the mean of its maps (N, D, H, W).
        kind: its element type, of ONNX.
    """

    tensor: str
    pooling: Pooling
    kind: int


@dataclass(frozen=True)
class Network:
    """What a repository's `config.json` says of a network.

    Attributes:
        kind: `model_type` of transformers; "" where unknown.
        name: of its architecture; "" where unknown.
        features: numbers before its classifier, where timm says so.
    """

    kind: str = ""
    name: str = ""
    features: int | None = None


def choose_output(model: ModelProto, network: Network, names: Sequence[str], named: str | None = None) -> Output:
    """The output that holds the descriptors.

    Args:
        names: outputs that hold finished embeddings, the best first.
        named: tensor that a person chose, be it an output or not.

    Raises:
        ModelError: no such tensor; none that is known to be a descriptor; or it is not known how to make one vector of it.
    """
    if named is not None:
        return _named(model, network, named)
    outputs = {value.name: value for value in model.graph.output}
    for name in names:
        if name in outputs:
            return _pooled(_known(model, name), network)
    if POOLED in outputs and (TOKENS not in outputs or network.kind in TRAINED_POOLING):
        return _pooled(_known(model, POOLED), network)
    if TOKENS in outputs:
        return _pooled(_known(model, TOKENS), network)
    single = _known(model, next(iter(outputs))) if len(outputs) == 1 else None
    if single is not None and network.features is not None and (shape_of(single) or [])[1:] == [network.features]:
        return _pooled(single, network)
    raise ModelError(f"none of its outputs is known to be a descriptor ({_listed(model)}): name one of them by --output")


def _named(model: ModelProto, network: Network, name: str) -> Output:
    value = find_value(model, name)
    if value is None:
        outputs = [output.name for output in model.graph.output]
        raise ModelError(f"--output {name}: no such tensor: {did_you_mean(name, outputs, f'its outputs are {_listed(model)}')}")
    return _pooled(value, network)


def _known(model: ModelProto, name: str) -> ValueInfoProto:
    value = find_value(model, name)
    if value is None:
        raise ModelError(f"its output {name} is made by none of its nodes: fetch it again")
    return value


def _pooled(value: ValueInfoProto, network: Network) -> Output:
    shape, kind = shape_of(value), value.type.tensor_type.elem_type
    if shape is None:
        raise ModelError(f"{value.name}: the graph does not say of what shape it is: name another tensor by --output")
    if kind not in FLOATS:
        raise ModelError(f"{described([value])}: not numbers that can be a descriptor: name another tensor by --output")
    if len(shape) == 2:
        return Output(value.name, "none", kind)
    if len(shape) == 3 and network.kind in FIRST_TOKEN:
        return Output(value.name, "first", kind)
    if len(shape) == 4:
        return Output(value.name, "mean", kind)
    what = f"the tokens of a network of the kind {network.kind or 'unknown'}" if len(shape) == 3 else "numbers of this shape"
    raise ModelError(
        f"{described([value])}: it is not known how {what} become one vector: name a tensor of two sides by --output"
    )


def _listed(model: ModelProto) -> str:
    return described(model.graph.output)
