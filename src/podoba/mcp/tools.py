"""What an assistant can ask of collections, as plain functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from podoba.collection.collection import Collection
from podoba.collection.columns import ColumnReader
from podoba.collection.duplicates.results import KINDS, Duplicates, Group
from podoba.collection.facets import Facet, Facets
from podoba.collection.search.query import ITEM, Part
from podoba.collection.search.words import is_words
from podoba.collection.storage.items import Item
from podoba.collection.vector_collection import VectorCollection
from podoba.errors import CollectionError, NeedsAFile, UnreadableImage, did_you_mean
from podoba.files import shown
from podoba.images.decode import Box
from podoba.mcp.files import AllowedFiles
from podoba.models.encoder import Encoder
from podoba.progress import OnProgress, silent


@dataclass(frozen=True)
class ToolSettings:
    """How much is answered at once: an assistant reads all of it.

    Attributes:
        hits: results of a search.
        pictures: shown by one call.
        side: pixels of the longer side of a picture that is shown.
        values: of a facet.
        groups: of duplicates.
        members: of a group.
    """

    hits: int = 100
    pictures: int = 12
    side: int = 384
    values: int = 30
    groups: int = 50
    members: int = 20


DEFAULT = ToolSettings()


class Tools:
    """Collections by name, of which threads may ask; nothing is written to them."""

    def __init__(
        self, collections: Mapping[str, VectorCollection], files: AllowedFiles, settings: ToolSettings = DEFAULT
    ) -> None:
        self._collections, self._files, self.settings = collections, files, settings
        of_files = {name: one for name, one in collections.items() if isinstance(one, Collection)}
        self._facets = {name: Facets(one.store, ColumnReader(one.store)) for name, one in of_files.items()}
        self._encoders: dict[str, Encoder] = {}
        self._found: tuple[tuple[Any, ...], Duplicates] | None = None
        self._lock = Lock()

    def about(self) -> dict[str, Any]:
        """The collections, and the folders whose files may be named."""
        found = []
        for name, collection in self._collections.items():
            card = collection.card
            found.append(
                {
                    "name": name,
                    "items": len(collection),
                    "labels": collection.info().get("labels"),
                    "attributes": collection.store.items.attribute_names(),
                    "model": None if card is None else card.name,
                    "knows_probabilities": card is not None and card.calibration is not None,
                }
            )
        return {"collections": found, "folders": [shown(str(folder)) for folder in self._files.folders]}

    def search(
        self,
        collection: str,
        query: Sequence[str],
        *,
        unwanted: Sequence[str] = (),
        box: Box | None = None,
        k: int = 10,
        where: str | None = None,
        min_probability: float | None = None,
    ) -> dict[str, Any]:
        """The items most similar to a query.

        Args:
            query, unwanted: `id:ID`, `text:WORDS`, or paths of pictures.
            box: of the first picture of the query, as of `Part`.

        Raises:
            PodobaError: as `Collection.search`; a file that may not be read.
            ValueError: as `Collection.search`.
        """
        opened = self._opened(collection)
        wanted = self._parts(query, box)
        encoder = self._encoder(opened) if any(not _is_item(part) for part in wanted) or unwanted else None
        result = opened.search(
            wanted,
            unwanted=self._parts(unwanted, None),
            encoder=encoder,
            k=min(k, self.settings.hits),
            where=where,
            min_probability=min_probability,
        )
        answer = result.to_json()
        return {"hits": answer["hits"], "itself": answer["itself"], "exact": answer["exact"]}

    def show(self, collection: str, ids: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """A line about each item, and its picture as JPEG; None where that cannot be read, of which the line then tells.

        Raises:
            CollectionError: no such item, or more than are shown at once.
        """
        opened = self._opened(collection)
        if len(ids) > self.settings.pictures:
            raise CollectionError(f"{len(ids)} pictures are too many at once: ask for {self.settings.pictures} or fewer")
        shown_items: list[tuple[str, bytes | None]] = []
        for item in [opened.item(id_.removeprefix(ITEM)) for id_ in ids]:
            try:
                picture: bytes | None = opened.thumbnails.of(item, self.settings.side)
                shown_items.append((_line(item), picture))
            except UnreadableImage as error:
                shown_items.append((f"{_line(item)}: it cannot be shown ({shown(error.reason)})", None))
        return shown_items

    def facets(self, collection: str, where: str | None = None) -> dict[str, Any]:
        """How many items have which label, format, size or attribute. Raises `CollectionError`, as `duplicates`."""
        self._file(collection)
        return {"facets": [self._facet(facet) for facet in self._facets[collection].of(where)]}

    def duplicates(
        self,
        collection: str,
        kinds: Sequence[str] | None = None,
        where: str | None = None,
        *,
        offset: int = 0,
        on_progress: OnProgress = silent,
    ) -> dict[str, Any]:
        """Groups of images that are one picture, some at a time; what was found is kept until something else is asked.

        Raises:
            CollectionError: an unknown kind, a wrong filter; a collection that is no file.
        """
        opened = self._file(collection)
        asked = (collection, tuple(kinds or KINDS), where, opened.store.database.generation)
        with self._lock:
            if self._found is None or self._found[0] != asked:
                self._found = asked, opened.find_duplicates(kinds=kinds or KINDS, where=where, on_progress=on_progress)
            found = self._found[1]
        return {
            "total": len(found.groups),
            "by_kind": dict(Counter(group.kind for group in found.groups)),
            "unreadable": len(found.skipped),
            "groups": [self._group(group) for group in found.groups[offset : offset + self.settings.groups]],
        }

    def _file(self, name: str) -> Collection:
        opened = self._opened(name)
        if not isinstance(opened, Collection):
            raise NeedsAFile(opened.name)
        return opened

    def _opened(self, name: str) -> VectorCollection:
        if name not in self._collections:
            known = ", ".join(self._collections)
            raise CollectionError(
                f"no collection is called {name!r}: {did_you_mean(name, self._collections, f'there are {known}')}"
            )
        return self._collections[name]

    def _parts(self, texts: Sequence[str], box: Box | None) -> list[Part]:
        parts = []
        for text in texts:
            if is_words(text):
                parts.append(Part(text))
                continue
            parts.append(Part(text if text.startswith(ITEM) else self._files.find(text), box=box))
            box = None
        if box is not None:
            raise CollectionError("a box needs a picture that it is drawn on")
        return parts

    def _encoder(self, collection: VectorCollection) -> Encoder:
        """Of the collection's model, opened once."""
        fingerprint = collection.store.models.fingerprint or ""
        with self._lock:
            if fingerprint not in self._encoders:
                self._encoders[fingerprint] = collection.store.models.open_encoder()
            return self._encoders[fingerprint]

    def _facet(self, facet: Facet) -> dict[str, Any]:
        values = [{"value": value, "count": count} for value, count in facet.values[: self.settings.values]]
        return asdict(facet) | {"values": values, "bins": [list(one) for one in facet.bins]}

    def _group(self, group: Group) -> dict[str, Any]:
        members = [group.keep, *group.copies]
        return {
            "kind": group.kind,
            "images": len(members),
            "items": [
                {
                    "id": copy.item.id,
                    "uri": shown(copy.item.uri),
                    "reason": shown(copy.reason),
                    "suggestion": "keep" if copy.kept or copy is group.keep else "copy",
                }
                for copy in members[: self.settings.members]
            ],
        }


def _is_item(part: Part) -> bool:
    """Whether it is an item whose descriptor is kept."""
    return isinstance(part.image, str) and part.image.startswith(ITEM) and part.box is None


def _line(item: Item) -> str:
    label = "" if item.label is None else f", label {shown(item.label)}"
    return f"{ITEM}{item.id} {shown(item.uri)}, {item.width}x{item.height}{label}"
