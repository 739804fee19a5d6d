"""All that an update of a collection is: the model chosen, the images indexed or encoded again, the index refreshed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.storage.store import Store
from podoba.collection.update.index import IndexReport, index_sources
from podoba.collection.update.model_change import change_model
from podoba.collection.update.vanishing import DEFAULT, UpdateSettings
from podoba.collection.update.watch import changes_in
from podoba.errors import PodobaError
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.models.bundled import DEFAULT_MODEL
from podoba.models.encoder import Encoder
from podoba.models.names import lasting_name, open_model
from podoba.progress import OnProgress

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelChoice:
    """The model to update a collection with.

    Attributes:
        encoder: opened on one thread, as `encode_rows` uses it, so that a large model is in memory once.
        name: under which the collection remembers it.
        named: whether somebody named it; a change to another model that was begun is then given up.
    """

    encoder: Encoder
    name: str
    named: bool


@dataclass(frozen=True)
class UpdateReport:
    """What an update did.

    Attributes:
        index: what became of the images.
        why_exact: why a large collection is searched without an approximate index; None where nothing is to be said.
    """

    index: IndexReport
    why_exact: str | None

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba index --json`."""
        return self.index.to_json() | {"why_exact": self.why_exact}


def choose_model(
    path: Path,
    name: str | None,
    open_named: Callable[[str, int, str | None], Encoder] = open_model,
    *,
    device: str | None = None,
) -> ModelChoice:
    """The model of this name; without one that of the collection in a file, or for a new collection the bundled one.

    Args:
        open_named: opens a model by its name, on a number of threads, on a device.
        device: as of `Encoder`.

    Raises:
        ModelError, DownloadError: no such model, or it cannot be fetched.
        DeviceError: as `Encoder`.
        CollectionError: a damaged file, or its model has changed.
    """
    if name is None and path.expanduser().exists():
        store = Store.open(path.expanduser(), read_only=True, device=device)
        try:
            known = store.models.name
            if known is not None:
                return ModelChoice(store.models.open_encoder(1), known, named=False)
        finally:
            store.database.close()
    chosen = name or DEFAULT_MODEL
    return ModelChoice(open_named(chosen, 1, device), lasting_name(chosen), named=name is not None)


def bring_up_to_date(
    index: DescriptorIndex,
    sources: Sequence[ImageSource],
    model: ModelChoice,
    *,
    target: float | None = None,
    on_progress: OnProgress | None = None,
    skipped: list[Skipped] | None = None,
    settings: UpdateSettings = DEFAULT,
) -> UpdateReport:
    """Index sources, or encode everything with another model where the collection has another one; then refresh the index.

    Args:
        target: recall@10 that the index of a large collection must have; None: that of `IndexSettings`.
        on_progress, skipped, settings: as in `index_sources`.

    Raises:
        CollectionError: as `index_sources`, `change_model` and `DescriptorIndex.refresh`.
    """
    store = index.store
    with store.writing():
        another = len(store.items) > 0 and store.models.fingerprint != model.encoder.fingerprint
        if another:
            log.info("encoding %d images with %s; %s answers until that is done", len(store.items), model.name, store.models.name)
        change_begun = store.models.next_name is not None
        update = change_model if another or (change_begun and model.named) else index_sources
        report = update(
            store, sources, model.encoder, model=model.name, on_progress=on_progress, skipped=skipped, settings=settings
        )
        return UpdateReport(report, index.refresh(target=target, on_progress=on_progress))


def follow(places: Sequence[Path], update: Callable[[], UpdateReport], stop: Event | None = None) -> Iterator[UpdateReport]:
    """Update after each change in folders, until stopped; gives the reports of the updates that changed anything.

    An update that fails is logged, and tried again after the next change; its successor is reported at any rate, and so is one
    that keeps other images than before though they are no longer there.

    Args:
        places: as `watched_places` gives them.
        update: brings up to date; its sources are to be opened anew each time.

    Raises:
        MissingExtra, SourceError: as `changes_in`.
    """
    behind, kept = False, None
    for _ in changes_in(places, stop):
        try:
            report = update()
        except PodobaError as error:
            log.warning("not updated: %s", error)
            behind = True
            continue
        kept_before, kept = kept, (report.index.away, report.index.held_back)
        if behind or report.index.changed_anything or kept != (kept_before or ({}, 0)):
            yield report
        behind = False
