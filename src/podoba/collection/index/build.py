"""Building an index, and finding out how well it finds: recall is measured on items that were not in it then.

An item that is in a graph is found by its own links, so that asking for its neighbours says little about a picture that is not
in the collection: on overlapping clusters a search at width 16 has a recall@10 of 0.98 by the former and 0.85 by the latter.
"""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices, Mask
from podoba.collection.index.hnsw import MEASURED_K, Kind, NeighbourIndex
from podoba.collection.index.rows import Choice, Rows, search_exactly
from podoba.collection.index.settings import IndexSettings
from podoba.progress import OnProgress
from podoba.ranking.exact import order_exactly


@dataclass(frozen=True)
class Built:
    """A new index.

    Attributes:
        index: of FAISS, with all rows; None where exact search is better, for the reason `why_none`.
        sample: int64 (s,), ascending: rows by which recall was measured and which were then added last.
        width, candidates, recall: as in `IndexFacts`.
    """

    index: Any
    kind: Kind
    sample: Indices
    width: int = 0
    candidates: int = 0
    recall: float = 1.0
    why_none: str | None = None


def build_index(rows: Rows, target: float, settings: IndexSettings, on_progress: OnProgress | None = None) -> Built:
    """An index of all rows, in which searches of the returned width have at least the recall@10 `target`.

    8-bit codes: they are searched faster than float16 ones or float32, in a quarter of the memory of these, and what they blur
    is made good by comparing the candidates exactly.

    Args:
        rows: descriptors of unit length, in a mapped file or in memory.
        target: recall@10.

    Raises:
        DamagedCache: bytes that are not what was written.
        MemoryError, RuntimeError: FAISS cannot build it.
    """
    count, dim = rows.matrix.shape
    kind = _kind(count, dim, settings)
    if kind is None:
        return Built(None, "ivf", np.empty(0, np.int64), why_none="an index of so many items does not fit into the memory")
    rng = np.random.default_rng(0)
    sample = np.sort(rng.choice(count, min(settings.sample, count // 4), replace=False))
    trained = rows.take(np.sort(rng.choice(count, min(settings.trained, count), replace=False)))
    index = _empty_index(kind, count, dim, trained, settings)
    indexed = np.ones(count, dtype=np.bool_)
    indexed[sample] = False
    add_rows(index, rows, np.flatnonzero(indexed), settings.added, on_progress)
    built = _tuned(index, kind, rows, sample, indexed, target, settings)
    if built.index is not None:
        index.add(rows.take(sample))
    return built


def add_rows(index: Any, rows: Rows, places: Indices, at_once: int, on_progress: OnProgress | None = None) -> None:
    """Add the rows at these places to an index of FAISS, so many at a time."""
    for start in range(0, len(places), at_once):
        if on_progress is not None:
            on_progress("building the index", start, len(places))
        index.add(rows.take(places[start : start + at_once]))
    if on_progress is not None:
        on_progress("building the index", len(places), len(places))


def _kind(rows: int, dim: int, settings: IndexSettings) -> Kind | None:
    memory = settings.memory_share * _memory_bytes(settings)
    if rows < settings.ivf_from and rows * (dim + 9 * settings.links) < memory:
        return "hnsw"
    return "ivf" if rows * (dim + 16) < memory else None


def _memory_bytes(settings: IndexSettings) -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows, among others
        return settings.memory_bytes


def _empty_index(kind: Kind, rows: int, dim: int, sample: Floats, settings: IndexSettings) -> Any:
    import faiss

    if kind == "hnsw":
        index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_8bit, settings.links, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = settings.build_width
    else:
        lists = max(1, min(int(4 * rows**0.5), len(sample) // 8))
        index = faiss.index_factory(dim, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.cp.niter = 10
        index.cp.min_points_per_centroid = 1
    index.train(sample)
    return index


def _tuned(index: Any, kind: Kind, rows: Rows, sample: Indices, indexed: Mask, target: float, settings: IndexSettings) -> Built:
    """The narrowest search that meets the target on both halves of the sample; the lower of the two recalls is reported."""
    queries = rows.take(sample)
    bounds = _tenth_similarities(queries, rows, indexed)
    best, most_candidates = 0.0, max(settings.candidates)
    for width in settings.widths:
        if kind == "ivf" and width > index.nlist:
            break
        most = most_candidates if kind == "ivf" else min(width, most_candidates)
        search = NeighbourIndex(index, kind, width, most, sample, len(indexed))
        if search.comparisons(queries[:100], MEASURED_K) * settings.worth > len(indexed):
            break
        neighbours = search.search(queries, MEASURED_K)
        for candidates in [count for count in settings.candidates if count <= most]:
            right = [
                _right(query, rows, places[:candidates], bound)
                for query, places, bound in zip(queries, neighbours, bounds, strict=True)
            ]
            recall = min(float(np.mean(right[::2])), float(np.mean(right[1::2])))
            best = max(best, recall)
            if recall >= target:
                return Built(index, kind, sample, width, candidates, recall)
    return Built(
        None, kind, sample, recall=best,
        why_none=f"an index fast enough would find {best:.3f} of the 10 nearest, fewer than {target:g}",
    )  # fmt: skip


def _tenth_similarities(queries: Floats, rows: Rows, indexed: Mask) -> list[float]:
    """How similar the tenth nearest is: what is found and at least as similar is right, whichever of equals it is."""
    candidates = search_exactly(queries, rows, MEASURED_K, Choice.of(indexed))
    return [
        float(order_exactly(query, places, rows.take(places), MEASURED_K)[1][-1])
        for query, places in zip(queries, candidates, strict=True)
    ]


def _right(query: Floats, rows: Rows, places: Indices, bound: float) -> float:
    similarities = order_exactly(query, places, rows.take(places), MEASURED_K)[1]
    return float(np.count_nonzero(similarities >= bound)) / MEASURED_K
