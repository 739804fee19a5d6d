"""A published image encoder, of a repository's folder or one file, as one model file of ours."""

import hashlib
import mmap
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from onnx import ModelProto, TensorProto

from podoba.errors import ModelError
from podoba.models.card import CARD_KEY, Card, Source, pixel_facts
from podoba.models.encoder import INPUT, Encoder
from podoba.models.foreign.examine import SCALED_TOGETHER, examine, noise
from podoba.models.foreign.graph import all_nodes
from podoba.models.foreign.graph_file import about, append_metadata, bring_inside, read_graph, write_graph, writing
from podoba.models.foreign.image_graph import find_pixels, image_graph
from podoba.models.foreign.outputs import IMAGE_EMBEDDINGS, Network, Output, choose_output
from podoba.models.foreign.processors import Processor, read_processor
from podoba.models.foreign.repository import existing, find_graph, folder_of, read_licence, read_network
from podoba.models.published.layout import IMAGE_GRAPHS, OWN

POOLED = {"none": "", "first": ", its first token", "mean": ", the mean of its maps"}


def import_folder(
    folder: Path,
    out: Path,
    *,
    file: str | None = None,
    output: str | None = None,
    name: str | None = None,
    source: Source | None = None,
    licence: str | None = None,
) -> Card:
    """Make one model file of the folder of a published repository, or of what was fetched of it.

    Equal files make equal bytes. A file that carries our card already is copied.

    Args:
        out: the `.onnx` file to be written, whole or not at all.
        file: the graph's path inside the folder; None: our own card at the root, else the first of `IMAGE_GRAPHS`.
        output: tensor that holds the descriptors; None: as the network is known to hold them.
        name: of the model; None: the folder's.
        source: where the file came from; None: its name and checksum alone.
        licence: None: as the head of the folder's `README.md` names it.

    Raises:
        ModelError: a file that is missing, damaged or not understood; says which and why.
    """
    own = folder / OWN
    path = existing(folder / file) if file else own if _has_card(own) else find_graph(folder, IMAGE_GRAPHS)
    if _has_card(path):
        return _copy(path, out)
    processor, network = read_processor(folder), read_network(folder)
    with writing(out) as draft:
        made = _make(path, draft, network, processor, output)
        with about(path):
            findings = examine(draft, {INPUT: noise(processor.rule.size)})
        card = Card(
            name=name or folder.absolute().name,
            dim=findings.dim,
            **pixel_facts(processor.rule),
            precision=made.precision,
            one_at_a_time=made.scaled_together or findings.one_at_a_time,
            backbone=network.name or path.stem,
            source=source or Source(file=path.relative_to(folder).as_posix(), sha256=_sha256(path)),
            licence=licence or read_licence(folder),
            notes=f"descriptors are of {made.output.tensor}{POOLED[made.output.pooling]}",
        )
        append_metadata(draft, {CARD_KEY: card.to_json()})
    return card


def import_file(path: Path, out: Path, *, output: str | None = None) -> Card:
    """Make one model file of a graph; what prepares its pixels lies beside it or one folder above.

    It has the name of its file where that lies with the settings, and is no `model.onnx`; else the folder's. Raises `ModelError`.
    """
    folder, whole = folder_of(path), path.absolute()
    name = path.stem if whole.parent == folder and path.stem != "model" else None
    return import_folder(folder, out, file=whole.relative_to(folder).as_posix(), output=output, name=name)


@dataclass(frozen=True)
class _Made:
    """What is known of a graph that was written: where its descriptors come from, and how it computes."""

    output: Output
    precision: Literal["float32", "float16", "int8"]
    scaled_together: bool


def _make(path: Path, draft: Path, network: Network, processor: Processor, output: str | None) -> _Made:
    """Write the graph of `path` with our ends; nothing of it stays in memory."""
    model = read_graph(path)
    with about(path):
        pixels = find_pixels(model)
        chosen = choose_output(model, network, IMAGE_EMBEDDINGS, output)
        mean, std = (np.asarray(numbers, dtype=np.float64) for numbers in (processor.mean, processor.std))
        image_graph(model, pixels, chosen, processor.rule.size, processor.rescale / std, -mean / std)
    bring_inside(model, path)
    made = _Made(chosen, _precision(model), any(node.op_type in SCALED_TOGETHER for node in all_nodes(model)))
    write_graph(model, draft)
    return made


def _precision(model: ModelProto) -> Literal["float32", "float16", "int8"]:
    if any("QuantizeLinear" in node.op_type or node.op_type.endswith("Integer") for node in all_nodes(model)):
        return "int8"
    return "float16" if any(tensor.data_type == TensorProto.FLOAT16 for tensor in model.graph.initializer) else "float32"


def _has_card(path: Path) -> bool:
    """Whether a file carries a card of ours, by its name as it stands in the metadata."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.rfind(CARD_KEY.encode()) >= 0


def _copy(path: Path, out: Path) -> Card:
    card = Encoder(path, 1).card
    if out.exists() and out.samefile(path):
        raise ModelError(f"{out}: is the model itself: choose another place")
    with writing(out) as draft:
        shutil.copyfile(path, draft)
    return card


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
