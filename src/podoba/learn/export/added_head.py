"""A linear layer behind a finished model file: what was learned from marks, without touching what the model is."""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from podoba.arrays import Floats
from podoba.learn.export.model_file import save_model
from podoba.models.card import Card
from podoba.models.encoder import OUTPUT


def add_head(model: Path, weight: Floats, bias: Floats, card: Card, out: Path) -> None:
    """Write a model file whose descriptors are those of another one, mapped and brought to unit length again; atomically.

    Args:
        model: the other model's file.
        weight, bias: float32 (D, D) and (D,): descriptor x becomes weight @ x + bias.
        card: of the new model.
    """
    graph_of = onnx.load(str(model))
    graph = graph_of.graph
    taken = {name for node in graph.node for name in (*node.input, *node.output)} | {tensor.name for tensor in graph.initializer}
    number = next(i for i in range(1, 1000) if f"marks{i}.before" not in taken)
    before, mapped, moved, kernel, shift = (f"marks{number}.{part}" for part in ("before", "mapped", "moved", "weight", "bias"))
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == OUTPUT:
                    names[place] = before
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(weight.T), kernel))
    graph.initializer.append(numpy_helper.from_array(bias, shift))
    graph.node.append(helper.make_node("MatMul", [before, kernel], [mapped]))
    graph.node.append(helper.make_node("Add", [mapped, shift], [moved]))
    graph.node.append(helper.make_node("LpNormalization", [moved], [OUTPUT], axis=1, p=2))
    save_model(graph_of, card, out)
