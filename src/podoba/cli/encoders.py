"""How the commands open a model by its name; imported where a model is opened, since engines are heavy."""

from pathlib import Path

from podoba.cache.reach import begin_to_reach
from podoba.cli.console import say
from podoba.cli.terminal.progress import meter, over_bytes
from podoba.errors import ModelError, require
from podoba.models.encoder import Encoder
from podoba.models.hub.pull import find_pulled, pull
from podoba.models.hub.site import hub_endpoint
from podoba.models.hub.store import recall
from podoba.models.hub.text_tower import fetch_text_tower
from podoba.models.names import find_model, published, timm_path
from podoba.models.published.catalogue import catalogue


def model_file(name: str, *, accept: bool = False, again: bool = False) -> Path:
    """The file of a model name; a published model that is not in the cache yet is put into it, which is said.

    Args:
        accept, again: of a model of the hub, as in `podoba.models.hub.pull.pull`.

    Raises:
        ModelError, DownloadError: no such model, or it cannot be fetched.
        MissingExtra: a timm model without podoba[train].
    """
    address = published(name)
    if address is not None and (again or find_pulled(address) is None):
        with meter() as show:
            path = pull(address, accept=accept, again=again, progress=over_bytes(show))
        pulled = recall(address)
        licence = (pulled and pulled.licence) or "not named; look at its page"
        say(f"{name}: fetched from {hub_endpoint()}/{address.repository}, commit {pulled and pulled.commit}; licence: {licence}")
        return path
    if name.startswith("timm/") and not timm_path(name).exists():
        begin_to_reach(hub_endpoint())  # while torch is loaded
        require("timm", "train")
        from podoba.learn.export.timm_network import pull_timm

        pull_timm(name)
    return find_model(name)


def text_file(name: str, model: Path) -> Path:
    """The text tower of a model's file, fetched where it is not here yet.

    Raises:
        ModelError, DownloadError: it has none, or it cannot be fetched.
    """
    with meter() as show:
        path = fetch_text_tower(model, progress=over_bytes(show))
    if path is None:
        knowing = ", ".join(short for short, entry in catalogue().items() if entry.text)
        raise ModelError(f"{name}: has no text tower, so it knows no words; these have one: {knowing}")
    return path


def open_encoder(name: str, threads: int | None = None, device: str | None = None) -> Encoder:
    """The encoder of a model name; errors as in `model_file`, `ModelError` of a damaged file, and `DeviceError` of `Encoder`."""
    return Encoder(model_file(name), threads, device=device)
