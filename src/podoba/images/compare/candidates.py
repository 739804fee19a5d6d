"""Which pairs of many pictures may show one picture: the nearest by what no turn and no mirroring changes in their pixels."""

from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.images.compare.pixel_similarity import Pixels, invariants

BATCH = 4096  # pictures at a time


@dataclass(frozen=True)
class CandidateSettings:
    """Which neighbours are candidates.

    Attributes:
        neighbours: the nearest of a picture that are looked at.
        cosine: of the invariants of two pictures, from which on they are a pair.
        exact: pictures of a set up to which all are compared with all, and as many pairs between two sets; beyond it neighbours
            come from a graph (HNSW), which may miss some.
    """

    neighbours: int = 6
    cosine: float = 0.97
    exact: int = 65_000


CANDIDATES = CandidateSettings()


def pairs_within(pixels: Pixels, settings: CandidateSettings = CANDIDATES) -> Indices:
    """Pairs of rows, int64 (P, 2), of pictures uint8 (N, 32, 32, 3); each may come in both orders, no picture with itself."""
    if len(pixels) < 2:
        return np.empty((0, 2), dtype=np.int64)
    vectors = _invariants(pixels)
    pairs = _near(vectors, vectors, settings.neighbours + 1, settings)
    others: Indices = pairs[pairs[:, 0] != pairs[:, 1]]
    return others


def pairs_between(queries: Pixels, gallery: Pixels, settings: CandidateSettings = CANDIDATES) -> Indices:
    """Pairs (row of the queries, row of the gallery), int64 (P, 2), of pictures uint8 (Q, 32, 32, 3) and (G, 32, 32, 3)."""
    if not len(queries) or not len(gallery):
        return np.empty((0, 2), dtype=np.int64)
    return _near(_invariants(queries), _invariants(gallery), settings.neighbours, settings)


def _near(queries: Floats, gallery: Floats, count: int, settings: CandidateSettings) -> Indices:
    import faiss

    dim = gallery.shape[1]
    exact = len(queries) * len(gallery) <= settings.exact**2
    index = faiss.IndexFlatIP(dim) if exact else faiss.IndexHNSWFlat(dim, 32, faiss.METRIC_INNER_PRODUCT)
    index.add(gallery)
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(queries), BATCH):
        similarities, rows = index.search(queries[start : start + BATCH], min(count, len(gallery)))
        place, rank = np.nonzero((similarities >= settings.cosine) & (rows >= 0))
        pairs.append(np.stack([place + start, rows[place, rank]], axis=1))
    return np.concatenate(pairs)


def _invariants(pixels: Pixels) -> Floats:
    return np.concatenate([invariants(pixels[start : start + BATCH]) for start in range(0, len(pixels), BATCH)])
