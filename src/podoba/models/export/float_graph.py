"""A model file as the plain ONNX that other programs take: fractions of brightness in, colour by colour, descriptors out."""

import json
from pathlib import Path

from onnx import ModelProto, TensorProto, helper

from podoba.models.card import CARD_KEY, Card
from podoba.models.encoder import INPUT, OUTPUT
from podoba.models.foreign.graph_file import append_metadata, read_graph, write_graph, writing
from podoba.models.foreign.processors import processor_settings

PIXELS, EMBEDDINGS = "pixel_values", "image_embeds"  # as transformers calls them
PROCESSOR_KEY = "preprocessor_config"  # metadata: how pictures are prepared


def write_float_graph(path: Path, card: Card, out: Path) -> None:
    """Write a model file's graph so that it takes `pixel_values`, float32 (N, 3, S, S) in [0, 1], and gives `image_embeds`.

    Brightness is brought back to whole numbers first, so that descriptors are those of the model file. How pictures are
    prepared stands in the metadata, as transformers writes it.

    Raises:
        ModelError: a damaged file, a place that cannot be written, or pictures prepared as no other program does.
    """
    settings = json.dumps(processor_settings(card.pixels, str(path)))
    model = read_graph(path)
    _with_float_input(model, card.input_size)
    for node in model.graph.node:
        node.input[:] = [EMBEDDINGS if name == OUTPUT else name for name in node.input]
        node.output[:] = [EMBEDDINGS if name == OUTPUT else name for name in node.output]
    model.graph.output[0].name = EMBEDDINGS
    others = [entry for entry in model.metadata_props if entry.key != CARD_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(others)
    with writing(out) as draft:
        write_graph(model, draft)
        append_metadata(draft, {PROCESSOR_KEY: settings})


def _with_float_input(model: ModelProto, size: int) -> None:
    """Rounded to the nearest whole number of 0 to 255, by operators that every opset has; then as the graph takes them."""
    batch = model.graph.input[0].type.tensor_type.shape.dim[0].dim_param or "batch"
    wanted = helper.make_tensor_value_info(PIXELS, TensorProto.FLOAT, (batch, 3, size, size))
    model.graph.input[0].CopyFrom(wanted)
    numbers = {"full": 255.0, "half": 0.5, "darkest": 0.0}
    named = {name: f"{PIXELS}.{name}" for name in (*numbers, "scaled", "raised", "above", "within", "channels_last")}
    model.graph.initializer.extend(
        helper.make_tensor(named[name], TensorProto.FLOAT, [], [number]) for name, number in numbers.items()
    )
    nodes = [
        helper.make_node("Mul", [PIXELS, named["full"]], [named["scaled"]]),
        helper.make_node("Add", [named["scaled"], named["half"]], [named["raised"]]),
        helper.make_node("Max", [named["raised"], named["darkest"]], [named["above"]]),
        helper.make_node("Min", [named["above"], named["full"]], [named["within"]]),
        helper.make_node("Transpose", [named["within"]], [named["channels_last"]], perm=[0, 2, 3, 1]),
        helper.make_node("Cast", [named["channels_last"]], [INPUT], to=TensorProto.UINT8),
    ]
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
