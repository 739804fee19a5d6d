"""A trained network as the one-file model: uint8 images in, unit descriptors out, its card inside."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save
from torch import Tensor, nn

from podoba.files import replacing
from podoba.learn.networks.network import to_unit
from podoba.models.card import CARD_KEY, Card
from podoba.models.encoder import INPUT, OUTPUT

OPSET = 17
HALF_FROM = 1024  # weights of fewer numbers stay in single precision: nothing is gained by them


class _FromPixels(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        descriptors: Tensor = nn.functional.normalize(self.network(to_unit(images)))
        return descriptors


def export_onnx(network: nn.Module, card: Card, path: Path, *, half: bool = False) -> None:
    """Write a network as `.onnx`, atomically.

    Args:
        network: from images (B, 3, H, W), float32 in [0, 1], to descriptors (B, card.dim).
        card: travels in the file's metadata.
        half: store large weights in half precision; they are widened when loaded, so it still computes in float32.
    """
    images = torch.zeros(2, card.input_size, card.input_size, 3, dtype=torch.uint8)
    model = trace(_FromPixels(network).cpu(), images, INPUT, OUTPUT)
    if half:
        _halve(model)
    save_model(model, card, path)


def trace(module: nn.Module, images: Tensor, input_name: str, output_name: str) -> onnx.ModelProto:
    """The graph of a module on the CPU, in evaluation, for any number of images: plain ONNX.

    Args:
        images: an example of its input, of two images.
    """
    with tempfile.TemporaryDirectory(prefix="podoba-") as folder, warnings.catch_warnings():
        # The exporter by tracing is marked deprecated in favour of one that needs a further package and five times as long.
        warnings.simplefilter("ignore")
        draft = Path(folder) / "traced.onnx"
        torch.onnx.export(
            module.eval(),
            (images,),
            str(draft),
            input_names=[input_name],
            output_names=[output_name],
            dynamic_axes={input_name: {0: "batch"}, output_name: {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
        model = onnx.load(str(draft))
        model.ClearField("producer_version")  # the same network makes the same file, whichever torch is here
        return model


def save_model(model: onnx.ModelProto, card: Card, path: Path) -> None:
    """Write a graph with its card, in place of any it had, as `.onnx`, atomically."""
    others = [entry for entry in model.metadata_props if entry.key != CARD_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(others)
    model.metadata_props.add(key=CARD_KEY, value=card.to_json())
    with replacing(path) as draft:
        onnx.save(model, str(draft))


def save_weights(network: nn.Module, path: Path, *, half: bool = False) -> None:
    """Write the weights for further training as `.safetensors`, atomically."""
    state = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    if half:
        state = {k: v.half() if v.is_floating_point() and v.numel() >= HALF_FROM else v for k, v in state.items()}
    with replacing(path) as draft:
        draft.write_bytes(save(state))  # `save_file` would let nobody else read it


def _halve(model: Any) -> None:
    """Large float32 initialisers become float16 ones followed by a Cast, which ONNX Runtime folds away when it loads."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or numpy_helper.to_array(tensor).size < HALF_FROM:
            continue
        name = tensor.name
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype("float16"), f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
