"""Nearest neighbours of many descriptors among many, by FAISS: exactly among few, through an inverted file among more."""

from __future__ import annotations

from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.map.settings import MapSettings
from podoba.progress import OnProgress

TRAINED = 40  # descriptors for each list of the inverted file, of which its centres are learned
STAGE = "finding neighbours"


class Gallery:
    """Descriptors among which neighbours are found."""

    def __init__(self, descriptors: Floats, settings: MapSettings) -> None:
        """Descriptors (n, dim), float32, unit length."""
        import faiss

        self._settings = settings
        count, dim = descriptors.shape
        self._index: Any = faiss.IndexFlatIP(dim)
        if count > settings.exact_to:
            lists = int(4 * count**0.5)
            self._index = faiss.IndexIVFFlat(self._index, dim, lists, faiss.METRIC_INNER_PRODUCT)
            self._index.cp.seed = settings.seed + 1
            self._index.cp.niter = settings.rounds // 2
            self._index.cp.min_points_per_centroid = 1
            self._index.train(
                np.ascontiguousarray(descriptors[np.linspace(0, count - 1, min(count, TRAINED * lists), dtype=int)])
            )
            # Set here and not by each search: the form that faiss.contrib gives to indexes beside torch takes no parameters.
            self._index.nprobe = min(settings.probes, lists)
        self._index.add(np.ascontiguousarray(descriptors))

    def nearest(self, queries: Floats, k: int, on_progress: OnProgress, stage: str = STAGE) -> tuple[Indices, Floats]:
        """Rows int64 (Q, k) of the nearest, most similar first, and similarities float32 (Q, k).

        A row of -1, of similarity -1, stands where the lists that were searched have no further one.
        """
        rows, similarities = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k), dtype=np.float32)
        for start in range(0, len(queries), self._settings.block // 8):
            part = slice(start, start + self._settings.block // 8)
            on_progress(stage, start, len(queries))
            similarities[part], rows[part] = self._index.search(np.ascontiguousarray(queries[part]), k)
        on_progress(stage, len(queries), len(queries))
        similarities[rows < 0] = -1
        return rows, similarities
