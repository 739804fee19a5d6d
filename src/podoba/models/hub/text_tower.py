"""The text tower of a published model: fetched when words are first searched for."""

import logging
import shutil
from pathlib import Path

from podoba.models.hub.pull import alone, files_of
from podoba.models.hub.site import Hub
from podoba.models.hub.store import pulled_as, remember, work_folder
from podoba.models.published.catalogue import entry_of
from podoba.models.published.layout import NETWORK, TEXT_GRAPHS, TOKENIZERS
from podoba.models.text import text_path
from podoba.progress import OnProgress

log = logging.getLogger(__name__)


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
    found = pulled_as(model)
    if out.is_file() or found is None:
        return out if out.is_file() else None
    address, pulled = found
    with alone(address.repository):
        if out.is_file():
            return out
        entry = entry_of(address.repository)
        files = files_of(address, entry, pulled, hub, progress)
        graph = files.first([entry.text] if entry is not None and entry.text else TEXT_GRAPHS)
        if graph is None:
            return None
        log.info("%s: its text tower is fetched once, then kept", address)
        folder = work_folder(address.repository, graph.commit)
        sha256 = files.fetch(graph, (*TOKENIZERS, NETWORK), folder)
        from podoba.models.foreign.text_tower import import_text  # imports onnx: a second that most commands need not spend

        try:
            import_text(folder, out, model=model, file=graph.path)
        finally:
            shutil.rmtree(folder)
        remember(address, pulled.model_copy(update={"sha256": pulled.sha256 | sha256}))
    return out
