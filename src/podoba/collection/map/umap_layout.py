"""Descriptors in two dimensions by UMAP, which keeps neighbours together."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.collection.map.neighbours import Gallery
from podoba.collection.map.pca import Projection
from podoba.collection.map.placing import placed_among
from podoba.collection.map.settings import MapSettings
from podoba.errors import require
from podoba.progress import OnProgress, silent

FEWEST = 4  # descriptors that UMAP takes
SPREAD = 10.0  # half the side of where UMAP starts, as it has it itself
STAGE = "laying out"


def umap_points(descriptors: Floats, settings: MapSettings, on_progress: OnProgress = silent) -> tuple[Floats, int]:
    """Points of descriptors by UMAP (McInnes et al., 2018); of more than `settings.fitted` the others by their neighbours.

    Neighbours are found by FAISS, which takes a fraction of the time that UMAP's own search does; it starts from the principal
    components, so that both maps lie the same way round. One thread, since only that gives equal maps for equal seeds.

    Args:
        descriptors: float32 (n, dim), unit length; may lie in a mapped file.

    Returns:
        points float32 (n, 2), and to how many of the descriptors UMAP was fitted.

    Raises:
        MissingExtra: umap-learn is not installed.
    """
    umap: Any = require("umap", "map")
    count = len(descriptors)
    if count < FEWEST:
        return np.stack([np.arange(count), np.zeros(count)], axis=1).astype(np.float32), count
    rows = np.arange(count)
    if count > settings.fitted:
        rows = np.sort(np.random.default_rng(settings.seed).choice(count, settings.fitted, replace=False))
    fitted = np.ascontiguousarray(descriptors[rows])
    gallery = Gallery(fitted, settings)
    points = _fit(umap, fitted, gallery, settings, on_progress)
    if len(rows) == count:
        return points, count
    placed = np.empty((count, 2), dtype=np.float32)
    placed[rows] = points
    rest = np.setdiff1d(np.arange(count), rows)
    for start in range(0, len(rest), settings.block):
        part = rest[start : start + settings.block]
        on_progress("placing the others", start, len(rest))
        found, _ = gallery.nearest(descriptors[part], settings.placed_by, silent)
        placed[part] = placed_among(found, points)
    on_progress("placing the others", len(rest), len(rest))
    return placed, len(rows)


def _fit(umap: Any, descriptors: Floats, gallery: Gallery, settings: MapSettings, on_progress: OnProgress) -> Floats:
    k = min(settings.neighbours, len(descriptors))
    rows, similarities = gallery.nearest(descriptors, k, on_progress)
    distances = np.sqrt(np.maximum(2 - 2 * similarities, 0)).astype(np.float32)
    start = Projection(descriptors).of(descriptors)
    start *= SPREAD / max(float(np.abs(start).max()), 1e-12)
    on_progress(STAGE, 0, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that a fixed seed means one thread, which is what is wanted
        reducer = umap.UMAP(
            n_neighbors=k,
            random_state=settings.seed,
            precomputed_knn=(rows, distances),
            init=start + np.random.default_rng(settings.seed).normal(0, 1e-3, start.shape).astype(np.float32),
            tqdm_kwds={"disable": False, "file": _Epochs(on_progress), "bar_format": "{n_fmt}/{total_fmt};", "mininterval": 0.5},
        )
        points: Floats = reducer.fit_transform(descriptors).astype(np.float32)
    return points


class _Epochs:
    """A file into which `tqdm` writes how far UMAP has come."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress

    def write(self, text: str) -> None:
        """Pass on what is written as `DONE/TOTAL;`."""
        for done, total in re.findall(r"(\d+)/(\d+);", text):
            self._on_progress(STAGE, int(done), int(total))

    def flush(self) -> None:
        """Nothing waits."""
