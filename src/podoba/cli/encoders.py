"""How the commands open a model by its name; imported where a model is opened, since engines are heavy."""

from pathlib import Path

from podoba.cli.console import say
from podoba.errors import require
from podoba.models.encoder import Encoder
from podoba.models.names import find_model, timm_path


def model_file(name: str) -> Path:
    """The file of a model name; a timm model that is not in the cache yet is exported into it.

    Raises:
        ModelError, DownloadError: no such model, or it cannot be fetched.
        MissingExtra: a timm model without podoba[train].
    """
    if name.startswith("timm/") and not timm_path(name).exists():
        require("timm", "train")
        from podoba.learn.export.timm_network import pull_timm

        say(f"{name}: fetched and exported once, then kept in the cache")
        pull_timm(name)
    return find_model(name)


def open_encoder(name: str, threads: int | None = None) -> Encoder:
    """The encoder of a model name; errors as in `model_file`, and `ModelError` of a damaged file."""
    return Encoder(model_file(name), threads)
