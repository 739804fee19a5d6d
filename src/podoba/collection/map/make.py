"""Making the map of a collection, and finding the one that is kept beside it."""

import logging
import time
from dataclasses import dataclass, replace

import numpy as np

from podoba.arrays import Indices
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.map.files import DamagedMap, MapFacts, map_path, read_map, write_map
from podoba.collection.map.neighbours import Gallery
from podoba.collection.map.pca import Projection
from podoba.collection.map.placing import placed_among
from podoba.collection.map.points import Layout, MapPoints, evenly, in_order
from podoba.collection.map.settings import MapSettings
from podoba.collection.map.umap_layout import umap_points
from podoba.collection.storage.descriptors import LoadedDescriptors
from podoba.collection.storage.generations import current_generation
from podoba.progress import OnProgress, silent

log = logging.getLogger(__name__)
SETTINGS = MapSettings()


@dataclass(frozen=True)
class CollectionMap:
    """Where the items of a collection lie on a map.

    Attributes:
        generation, token: of the collection that it shows, as `current_generation` gives them.
        fitted: to how many items the layout was fitted; of PCA all that it was taken from.
        since: items that came or changed since it was made and were placed by their neighbours.
        missing: items that are not on it, since too many came.
        explained: share of the variance that PCA shows; None for UMAP.
        seconds: that it took to make.
    """

    layout: Layout
    points: MapPoints
    generation: int
    token: str
    fitted: int
    since: int = 0
    missing: int = 0
    explained: float | None = None
    seconds: float = 0.0


def make_map(
    index: DescriptorIndex,
    layout: Layout = "pca",
    settings: MapSettings = SETTINGS,
    on_progress: OnProgress = silent,
    *,
    again: bool = False,
) -> CollectionMap:
    """The map of a collection: PCA at once; UMAP as it is kept in the cache folder, made where it is not.

    Args:
        again: UMAP is made anew, whatever is kept.

    Raises:
        CollectionError: the collection's file is damaged.
        MissingExtra: UMAP is to be made, and umap-learn is not installed.
    """
    if layout == "pca":
        return _by_components(index, settings)
    kept = None if again else kept_map(index, settings)
    return _by_neighbours(index, settings, on_progress) if kept is None or kept.missing else kept


def kept_map(index: DescriptorIndex, settings: MapSettings = SETTINGS) -> CollectionMap | None:
    """The UMAP map in the cache folder, with what came since; None where there is none that is whole and of this model.

    Raises:
        CollectionError: the collection's file is damaged.
    """
    path = map_path(index.cache.folder, "umap")
    try:
        facts, points, checksums = read_map(path)
    except FileNotFoundError:
        return None
    except (DamagedMap, OSError) as error:
        log.warning("%s: the map is damaged and not used (%s): `podoba map --layout umap` makes it again", path, error)
        return None
    store = index.store
    with store.snapshot():
        if facts.fingerprint != store.models.fingerprint:
            return None
        generation, token = current_generation(store.database.connection)
        made = CollectionMap("umap", points, generation, token, facts.fitted, seconds=facts.seconds)
        if (generation, token) == (facts.generation, facts.token):
            return made
        numbers, current = store.descriptors.checksums()
        at = np.searchsorted(numbers, points.numbers).clip(max=max(0, len(numbers) - 1))
        same = (numbers[at] == points.numbers) & (current[at] == checksums) if len(numbers) else np.zeros(len(points), np.bool_)
        points = points.only(same)
        new = np.setdiff1d(numbers, points.numbers)
        placed = new[: settings.since] if len(points) else new[:0]
        if len(placed):
            points = points.and_also(_placed(index.vectors(), placed, points, settings), settings.seed)
        return replace(made, points=points, since=len(placed), missing=len(new) - len(placed))


def _placed(vectors: LoadedDescriptors, new: Indices, points: MapPoints, settings: MapSettings) -> MapPoints:
    """Points of new items, by their neighbours among a fair sample of those that are on the map."""
    order = np.argsort(points.numbers[: settings.fitted])
    known = points.numbers[order]
    gallery = Gallery(vectors.take(known).matrix, replace(settings, exact_to=settings.fitted))
    rows, _ = gallery.nearest(vectors.take(new).matrix, min(settings.placed_by, len(known)), silent)
    return MapPoints(new, np.rint(placed_among(rows, points.places[order].astype(np.float32))).astype(np.uint16))


def _by_components(index: DescriptorIndex, settings: MapSettings) -> CollectionMap:
    started = time.perf_counter()
    with index.store.snapshot():
        generation, token = current_generation(index.store.database.connection)
        vectors = index.vectors()
    sample = vectors.matrix[evenly(len(vectors.numbers), settings.components_from)]
    projection = Projection(sample)
    points = np.empty((len(vectors.numbers), 2), dtype=np.float32)
    for start in range(0, len(points), settings.block):
        part = slice(start, start + settings.block)
        points[part] = projection.of(vectors.matrix[part])
    return CollectionMap(
        "pca", in_order(vectors.numbers, points, settings.seed), generation, token, len(sample),
        explained=projection.explained, seconds=time.perf_counter() - started,
    )  # fmt: skip


def _by_neighbours(index: DescriptorIndex, settings: MapSettings, on_progress: OnProgress) -> CollectionMap:
    started = time.perf_counter()
    store = index.store
    with store.snapshot():
        generation, token = current_generation(store.database.connection)
        vectors, (numbers, checksums) = index.vectors(), store.descriptors.checksums()
        fingerprint = store.models.fingerprint or ""
    points, fitted = umap_points(vectors.matrix, settings, on_progress)
    made = CollectionMap(
        "umap", in_order(vectors.numbers, points, settings.seed), generation, token, fitted,
        seconds=time.perf_counter() - started,
    )  # fmt: skip
    facts = MapFacts(
        layout="umap", generation=generation, token=token, fingerprint=fingerprint, rows=len(made.points), fitted=fitted,
        seconds=made.seconds, seed=settings.seed,
    )  # fmt: skip
    path = map_path(index.cache.folder, "umap")
    try:
        write_map(path, facts, made.points, checksums[np.searchsorted(numbers, made.points.numbers)])
    except OSError as error:
        log.warning("%s: the map cannot be kept (%s), and is made again the next time", path, error.strerror)
    return made
