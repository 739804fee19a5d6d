"""The text tower of a published model: fetched when words are first searched for."""

import logging
import shutil
from pathlib import Path

from podoba.errors import require
from podoba.models.hub.local_folder import folder_of
from podoba.models.hub.pull import alone, files_of
from podoba.models.hub.site import Hub
from podoba.models.hub.store import Pulled, pulled_as, remember, work_folder
from podoba.models.published.address import Address
from podoba.models.published.catalogue import entry_of
from podoba.models.published.layout import IMAGE_GRAPHS, NETWORK, TEXT_GRAPHS, TOKENIZERS
from podoba.models.text import TextEncoder, open_text, text_path
from podoba.progress import OnProgress

log = logging.getLogger(__name__)

TOWERS = tuple(path for path in TEXT_GRAPHS if path not in IMAGE_GRAPHS)  # where one is apart from the graph of pictures


def fetch_text_tower(model: Path, *, hub: Hub | None = None, progress: OnProgress | None = None) -> Path | None:
    """The text tower of a model that was fetched from the hub, or imported from a folder here: beside the model's file.

    Args:
        model: the model's file.

    Returns:
        None where the model is no published one, or was published without a text tower.

    Raises:
        DownloadError, ModelError: as `pull`; or as `podoba.models.foreign.text_tower.import_text`.
    """
    out = text_path(model)
    if out.is_file():
        return out
    clone = folder_of(model)
    if clone is not None:
        return _import_local(clone, model, out)
    found = pulled_as(model)
    return None if found is None else _fetch(model, out, *found, hub, progress)


def knows_words(model: Path) -> bool:
    """Whether a model has a text tower, or one would be fetched or imported with the first words; nothing is fetched now."""
    if text_path(model).is_file():
        return True
    clone = folder_of(model)
    if clone is not None:
        return any((clone / path).is_file() for path in TOWERS)
    found = pulled_as(model)
    entry = None if found is None else entry_of(found[0].repository)
    return entry is not None and entry.text is not None


def open_text_tower(model: Path, name: str, fingerprint: str, threads: int | None = None) -> TextEncoder:
    """The text tower of a model; that of a published one is fetched with the first words.

    Args:
        model, name, fingerprint, threads: as in `podoba.models.text.open_text`.

    Raises:
        ModelError, MissingExtra: as `open_text`.
        DownloadError: it cannot be fetched.
    """
    if not text_path(model).is_file() and (folder_of(model) is not None or pulled_as(model) is not None):
        require("tokenizers", "text")  # before hundreds of megabytes are fetched that nothing can read
        fetch_text_tower(model)
    return open_text(model, name, fingerprint, threads)


def _import_local(folder: Path, model: Path, out: Path) -> Path | None:
    from podoba.models.foreign.text_tower import import_text  # imports onnx: a second that most commands need not spend

    graph = next((path for path in TOWERS if (folder / path).is_file()), None)
    if graph is None:
        return None
    import_text(folder, out, model=model, file=graph)
    return out


def _fetch(model: Path, out: Path, address: Address, pulled: Pulled, hub: Hub | None, progress: OnProgress | None) -> Path | None:
    from podoba.models.foreign.text_tower import import_text

    with alone(address.repository):
        if out.is_file():
            return out
        entry = entry_of(address.repository)
        files = files_of(address, entry, pulled, hub, progress)
        graph = files.first([entry.text] if entry is not None and entry.text else TOWERS)
        if graph is None:
            return None
        log.info("%s: its text tower is fetched once, then kept", address)
        folder = work_folder(address.repository, graph.commit)
        sha256 = files.fetch(graph, (*TOKENIZERS, NETWORK), folder)
        try:
            import_text(folder, out, model=model, file=graph.path)
        finally:
            shutil.rmtree(folder)
        remember(address, pulled.model_copy(update={"sha256": pulled.sha256 | sha256}))
    return out
