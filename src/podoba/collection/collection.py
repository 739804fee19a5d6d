"""A collection on disk: items, their attributes and descriptors, and the model that made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Unpack

from podoba.collection.duplicates.find import find_duplicates as find_duplicates_in
from podoba.collection.duplicates.moving.move import MoveReport, move_copies
from podoba.collection.duplicates.moving.undo import UndoReport, undo_moves
from podoba.collection.duplicates.results import KINDS, Duplicates
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.index.settings import IndexSettings
from podoba.collection.maintain.check import describe, find_problems
from podoba.collection.maintain.repair import repair
from podoba.collection.map.make import CollectionMap, make_map
from podoba.collection.map.points import Layout
from podoba.collection.storage.descriptors import LoadedDescriptors
from podoba.collection.storage.items import Item
from podoba.collection.storage.models import Model
from podoba.collection.storage.store import Store
from podoba.collection.transfer.backup import copy
from podoba.collection.transfer.export import export
from podoba.collection.transfer.importer import ImportReport, import_items
from podoba.collection.update.bring_up_to_date import ModelChoice, UpdateReport, bring_up_to_date, choose_model, follow
from podoba.collection.update.index import IndexReport, UpdateOptions
from podoba.collection.update.index import index_sources as index_into
from podoba.collection.update.model_change import change_model as change_model_of
from podoba.collection.update.vanishing import UpdateSettings
from podoba.collection.update.watch import watched_places
from podoba.collection.vector_collection import VectorCollection
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.progress import OnProgress, silent

DEFAULT, UPDATE = IndexSettings(), UpdateSettings()


class Collection(VectorCollection):
    """One SQLite file: `Collection.open(path)`; used as a context it is closed at the end.

    Any number of processes may read while one writes. An object may be used by any number of threads, such as a pool: each has
    its own connection to the file, one of them writes at a time, and what is read into memory is shared.

    Attributes:
        store: what the file holds, in detail.
        index: the search among its descriptors, and the cache that makes it fast.
    """

    store: Store
    index: DescriptorIndex

    def __init__(self, store: Store, index_settings: IndexSettings = DEFAULT) -> None:
        index = DescriptorIndex(store, index_settings)
        super().__init__(index, index.cache.folder)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = False,
        read_only: bool = False,
        index_settings: IndexSettings = DEFAULT,
        device: str | None = None,
    ) -> Collection:
        """Open the collection in a file.

        Args:
            create: a missing file is made.
            read_only: nothing is written.
            index_settings: how its descriptors are searched.
            device: what its own model encodes queries and new images on, as of `Encoder`.

        Raises:
            CollectionError: missing (unless `create`), damaged, foreign or newer file; an older one that is only to be read.
        """
        return cls(Store.open(Path(path).expanduser(), create=create, read_only=read_only, device=device), index_settings)

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.path

    # Items.

    def claim(self, model: Model, name: str) -> None:
        """Remember the model, or check that it is the one remembered; as `ModelTable.claim`."""
        self.store.models.claim(model, name)

    def items(self, where: str | None = None) -> list[Item]:
        """The items, all or those of a filter, in the order in which they came."""
        return self.store.items.select(where)

    def skipped(self) -> dict[str, tuple[str | None, str]]:
        """Images that could not be read: uri to the file's stamp and the reason."""
        return self.store.skipped.select()

    # Bringing it up to date.

    def index_sources(self, sources: Sequence[ImageSource], encoder: Encoder, **options: Unpack[UpdateOptions]) -> IndexReport:
        """Add what is new, encode what changed, follow what moved, remove what vanished; as `update.index.index_sources`."""
        return index_into(self.store, sources, encoder, **options)

    def change_model(self, sources: Sequence[ImageSource], encoder: Encoder, **options: Unpack[UpdateOptions]) -> IndexReport:
        """Encode every image with another model, then bring it up to date; as `update.model_change.change_model`."""
        return change_model_of(self.store, sources, encoder, **options)

    def update(
        self,
        sources: Sequence[str | Path | ImageSource],
        model: str | ModelChoice | None = None,
        *,
        exclude: Sequence[str] | None = None,
        target: float | None = None,
        on_progress: OnProgress | None = None,
        skipped: list[Skipped] | None = None,
        settings: UpdateSettings = UPDATE,
    ) -> UpdateReport:
        """What `podoba index` does: index sources or change the model, then refresh the index; as `bring_up_to_date`.

        Args:
            sources: as `open_source` takes them, or opened.
            model: a model's name, or what `choose_model` gave; None: the collection's own, of a new one `DEFAULT_MODEL`.
            exclude: patterns of what is left out (`Exclusion`), remembered from now on; None: those that are remembered.
        """
        patterns = self.store.skipped.patterns if exclude is None else exclude
        opened = [s if isinstance(s, ImageSource) else open_source(s, exclude=patterns) for s in sources]
        choice = model if isinstance(model, ModelChoice) else choose_model(self.path, model, device=self.store.models.device)
        if exclude is not None:
            self.store.skipped.remember_patterns(exclude)
        return bring_up_to_date(
            self.index, opened, choice, target=target, on_progress=on_progress, skipped=skipped, settings=settings
        )

    def follow(
        self, sources: Sequence[str | Path], model: str | ModelChoice | None = None, stop: Event | None = None
    ) -> Iterator[UpdateReport]:
        """Update after each change in the sources, until stopped; as `podoba.collection.update.bring_up_to_date.follow`.

        What changed before is taken in first. Raises as `update`, `watched_places` and `changes_in`.
        """
        places = watched_places([str(source) for source in sources])
        choice = model if isinstance(model, ModelChoice) else choose_model(self.path, model, device=self.store.models.device)
        return follow(places, lambda: self.update(sources, choice), stop)

    def refresh_index(
        self, *, target: float | None = None, force: bool = False, on_progress: OnProgress | None = None
    ) -> str | None:
        """Build or bring up to date what makes the search in a large collection fast; as `DescriptorIndex.refresh`."""
        return self.index.refresh(target=target, force=force, on_progress=on_progress)

    def vectors(self, where: str | None = None) -> LoadedDescriptors:
        """Numbers and descriptors of all items or those of a filter; as `DescriptorIndex.vectors`."""
        return self.index.vectors(where)

    # Duplicates.

    def find_duplicates(
        self,
        *,
        kinds: Sequence[str] = KINDS,
        where: str | None = None,
        references: Sequence[str] = (),
        keep: Sequence[str] = (),
        workers: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Duplicates:
        """Find images that are one picture; as `podoba.collection.duplicates.find.find_duplicates`."""
        return find_duplicates_in(
            self.index, kinds=kinds, where=where, references=references, keep=keep, workers=workers, on_progress=on_progress
        )

    def move_copies(self, duplicates: Duplicates, folder: str | Path, on_progress: OnProgress | None = None) -> MoveReport:
        """Move the copies of each group, never what is kept, below a folder; as `duplicates.moving.move.move_copies`."""
        return move_copies(self.store, duplicates.groups, Path(folder), on_progress)

    def undo_moves(self, path: str | Path, on_progress: OnProgress | None = None) -> UndoReport:
        """Put moved copies back by their list, `moved.csv`; as `duplicates.moving.undo.undo_moves`."""
        return undo_moves(self.store, Path(path), on_progress)

    def set_apart(self, items: Sequence[Item]) -> int:
        """Remember that no two of these items are duplicates of each other. Returns how many pairs were not known yet."""
        return self.store.not_duplicates.add(item.picture for item in items)

    # The whole.

    def map(self, layout: Layout = "pca", *, again: bool = False, on_progress: OnProgress = silent) -> CollectionMap:
        """Lay the items out, look-alikes near each other; as `podoba.collection.map.make.make_map`."""
        return make_map(self.index, layout, on_progress=on_progress, again=again)

    def export(self, path: str | Path, where: str | None = None) -> int:
        """Write items with their descriptors to a `.parquet`, `.csv` or `.npz` file; as `transfer.export.export`."""
        return export(self.index, Path(path), where)

    def import_items(self, path: str | Path, model: str | None = None) -> ImportReport:
        """Add the rows of a file of descriptors as items; as `transfer.importer.import_items`."""
        return import_items(self.store, Path(path), model)

    def copy_to(self, path: str | Path) -> None:
        """Write the collection as it stands now into a new file, also while another process writes to it.

        Raises:
            CollectionError: there is such a file already, or it cannot be written.
        """
        copy(self.store, Path(path))

    def info(self) -> dict[str, Any]:
        """What `podoba info --json` prints: number of items, dim, model, bytes, index ..."""
        return describe(self.index)

    def check(self, images: bool = False, on_progress: OnProgress = silent) -> list[str]:
        """What is wrong with the file, its images or its cache, a line each; empty where all is well.

        Args:
            images: decode every image too, as indexing does, which takes about as long as reading them.
        """
        return find_problems(self.index, images, on_progress)

    def repair(self, on_progress: OnProgress | None = None) -> list[str]:
        """Mend what can be mended: damaged rows are removed, the cache is rebuilt. Returns a line for each thing done.

        Raises:
            CollectionError: another process is writing, or the damage is beyond mending.
        """
        return repair(self.index, on_progress)


# As functions of a collection: `podoba.search(collection, ...)`.
search = Collection.search
index_sources = Collection.index_sources
change_model = Collection.change_model
find_duplicates = Collection.find_duplicates
