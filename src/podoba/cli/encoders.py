"""How the commands open a model by its name; imported where a model is opened, since engines are heavy."""

import os
from pathlib import Path

from podoba.cache.reach import begin_to_reach
from podoba.errors import require
from podoba.models.encoder import Encoder
from podoba.models.names import HUB, find_model, timm_path


def model_file(name: str) -> Path:
    """The file of a model name; a timm model that is not in the cache yet is exported into it.

    Raises:
        ModelError, DownloadError: no such model, or it cannot be fetched.
        MissingExtra: a timm model without podoba[train].
    """
    if name.startswith("timm/") and not timm_path(name).exists():
        begin_to_reach(os.environ.get("HF_ENDPOINT") or HUB)  # while torch is loaded
        require("timm", "train")
        from podoba.learn.export.timm_network import pull_timm

        pull_timm(name)
    return find_model(name)


def open_encoder(name: str, threads: int | None = None, device: str | None = None) -> Encoder:
    """The encoder of a model name; errors as in `model_file`, `ModelError` of a damaged file, and `DeviceError` of `Encoder`."""
    return Encoder(model_file(name), threads, device=device)
