"""Files of a published repository: its graphs, and what it says of its network and its licence."""

import json
from pathlib import Path
from typing import Any

import yaml

from podoba.errors import ModelError, did_you_mean, near_paths
from podoba.files import read_bounded
from podoba.models.foreign.outputs import Network
from podoba.models.foreign.processors import FILES
from podoba.models.published.layout import NETWORK, README

LARGEST = 2**24  # bytes of a file of facts


def find_graph(folder: Path, names: tuple[str, ...]) -> Path:
    """The first of the files that a repository's folder has. Raises `ModelError`."""
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is None:
        raise ModelError(f"{folder}: has none of {', '.join(names)}: name the folder of a published model, or its .onnx file")
    return found


def existing(graph: Path) -> Path:
    """The same file. Raises `ModelError` where there is none, with the names that are near."""
    if not graph.is_file():
        hint = did_you_mean(graph.name, [], "name the folder of a published model, or its .onnx file", also=near_paths(graph))
        raise ModelError(f"{graph}: no such file: {hint}")
    return graph


def folder_of(graph: Path) -> Path:
    """The folder that has the settings of a graph's pixels: its own, or the one above. Its own where neither has them."""
    folders = list(graph.absolute().parents[:2])
    return next((folder for folder in folders if any((folder / name).is_file() for name in FILES)), folders[0])


def read_network(folder: Path) -> Network:
    """What `config.json` of transformers, timm or open_clip says of the network. Raises `ModelError` for a damaged one."""
    path = folder / NETWORK
    if not path.is_file():
        return Network()
    try:
        facts: Any = json.loads(read_bounded(path, LARGEST))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: damaged ({error}): fetch it again") from error
    if not isinstance(facts, dict):
        raise ModelError(f"{path}: no settings of a network: fetch it again")
    kind, architectures, features = facts.get("model_type"), facts.get("architectures"), facts.get("num_features")
    first = architectures[0] if isinstance(architectures, list) and architectures else facts.get("architecture")
    return Network(
        kind=kind if isinstance(kind, str) else "",
        name=next((name for name in (first, kind) if isinstance(name, str)), ""),
        features=features if isinstance(features, int) else None,
    )


def read_licence(folder: Path) -> str | None:
    """The licence that the head of a repository's `README.md` names; None where it names none."""
    try:
        head, *rest = read_bounded(folder / README, LARGEST).decode("utf-8", "replace").removeprefix("---\n").split("\n---", 1)
        facts = yaml.safe_load(head) if rest else None
    except (OSError, yaml.YAMLError):
        return None
    names = facts.get("license_name") or facts.get("license") if isinstance(facts, dict) else None
    return names if isinstance(names, str) else None
