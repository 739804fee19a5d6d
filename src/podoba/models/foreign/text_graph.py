"""The text tower of a published repository as a graph of ours: tokens in, unit descriptors out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto

from podoba.errors import ModelError
from podoba.models.foreign.ends import Ends
from podoba.models.foreign.examine import examine
from podoba.models.foreign.graph import described, real_inputs, shape_of
from podoba.models.foreign.graph_file import about, bring_inside, read_graph, write_graph
from podoba.models.foreign.outputs import TEXT_EMBEDDINGS, choose_output
from podoba.models.foreign.repository import existing, find_graph, read_network
from podoba.models.published.layout import TEXT_GRAPHS

TOKENS, MASK = "tokens", "mask"
MASKS = ("attention_mask",)
WHOLE = (TensorProto.INT64, TensorProto.INT32)
TRIED = 8  # tokens of the text that a graph of any length is tried with


@dataclass(frozen=True)
class TextGraph:
    """What a text tower takes and gives.

    Attributes:
        file: its path in the repository.
        length: tokens of every text; None where any number is taken.
        masked: whether it takes a mask beside the tokens.
        dim: numbers of a descriptor.
    """

    file: str
    length: int | None
    masked: bool
    dim: int


def write_text_graph(folder: Path, draft: Path, *, file: str | None = None, output: str | None = None) -> TextGraph:
    """Write the text tower of a repository's folder, without metadata of ours.

    It takes `tokens` int64 (N, T), and `mask` int64 (N, T) if the published one does (1: a token of the text), and gives
    `descriptors` float32 (N, dim), of unit length.

    Args:
        draft: the file to be written, which the caller puts in its place.
        file: the graph's path inside the folder; None: the first of `TEXT_GRAPHS`.
        output: as in `import_folder`.

    Raises:
        ModelError: as `import_folder`.
        OSError: the file cannot be written.
    """
    path = existing(folder / file) if file else find_graph(folder, TEXT_GRAPHS)
    length, masked = _make(path, draft, folder, output)
    tokens = np.arange(1, 1 + (length or TRIED), dtype=np.int64)[None] % TRIED
    inputs = {TOKENS: tokens} | ({MASK: np.ones_like(tokens)} if masked else {})
    with about(path):
        return TextGraph(path.relative_to(folder).as_posix(), length, masked, examine(draft, inputs).dim)


def _make(path: Path, draft: Path, folder: Path, output: str | None) -> tuple[int | None, bool]:
    """Write the graph of `path` with our ends; returns the number of tokens, and whether there is a mask."""
    model = read_graph(path)
    with about(path):
        ends = Ends(model, choose_output(model, read_network(folder), TEXT_EMBEDDINGS, output), [TOKENS, MASK])
        tokens, mask = _find_tokens(model)
        sides = shape_of(tokens) or [None, None]
        if len(sides) != 2:
            raise ModelError(f"{described([tokens])}: not the tokens of texts (N, T): name the text tower of this model")
        for value, ours in ((tokens, TOKENS), (mask, MASK)):
            if value is not None:
                ends.begin_with_numbers(value.name, value.type.tensor_type.elem_type, ours, sides[1])
        ends.end_in_descriptors()
    bring_inside(model, path)
    write_graph(model, draft)
    return sides[1], mask is not None


def _find_tokens(model: ModelProto) -> tuple[ValueInfoProto, ValueInfoProto | None]:
    """The inputs of tokens and of their mask. Raises `ModelError` where there are others, or none."""
    inputs = real_inputs(model)
    masks = [value for value in inputs if value.name in MASKS]
    tokens = [value for value in inputs if value not in masks]
    if len(tokens) != 1 or any(value.type.tensor_type.elem_type not in WHOLE for value in inputs):
        raise ModelError(
            f"is computed from {described(inputs) or 'nothing'}, and tokens with their mask are all that can be given: "
            "name the text tower of this model"
        )
    return tokens[0], masks[0] if masks else None
