"""Building an index, and finding out how well it finds: recall is measured on items that were not in it when they were asked.

An item that is in a graph is found by its own links, so that asking for its neighbours says little about a picture that is not
in the collection: on overlapping clusters a search at width 16 has a recall@10 of 0.98 by the former and 0.85 by the latter.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from podoba.arrays import Floats, Mask
from podoba.collection.index.exact import Choice, Numbers, Rows, order_exactly, scan
from podoba.collection.index.hnsw import MEASURED_K, Kind, NeighbourIndex
from podoba.progress import OnProgress

LINKS = 32  # of a node of HNSW on its upper layers, twice that on the lowest
BUILD_WIDTH = 100  # efConstruction
SAMPLE = 1000  # items by which recall is measured
TRAINED = 100_000  # descriptors from which the ranges of 8-bit codes are taken
ADDED = 8192  # descriptors added at a time
WIDTHS = (16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1280, 1536, 2048)
CANDIDATES = (10, 20, 40, 100)
WORTH = 8  # a comparison through the index costs about as much as this many in a row
MEMORY_SHARE = 0.4  # of the machine's memory that building may take
IVF_FROM = 20_000_000  # rows from which IVF is built: a graph of more takes days


@dataclass(frozen=True)
class Built:
    """A new index.

    Attributes:
        index: of FAISS, with all rows; None where exact search is better, for the reason `why_none`.
        held: int64 (s,), ascending: rows that were asked for and then added last.
        width, candidates, recall, sample: as in `IndexFacts`.
    """

    index: Any
    kind: Kind
    held: Numbers
    width: int = 0
    candidates: int = 0
    recall: float = 1.0
    sample: int = 0
    why_none: str | None = None


def build_index(gallery: Rows, target: float, on_progress: OnProgress | None = None) -> Built:
    """An index of all rows, in which searches of the returned width have at least the recall@10 `target`.

    8-bit codes: they are searched faster than float16 ones or float32, in a quarter of the memory of these, and what they blur
    is made good by comparing the candidates exactly.

    Args:
        gallery: unit descriptors, in a sound mapped file or in memory.

    Raises:
        ValueError: damaged bytes.
        MemoryError, RuntimeError: FAISS cannot build it.
    """
    rows, dim = gallery.matrix.shape
    kind = _kind(rows, dim)
    if kind is None:
        return Built(None, "ivf", np.empty(0, np.int64), why_none="an index of so many items does not fit into the memory")
    rng = np.random.default_rng(0)
    held = np.sort(rng.choice(rows, min(SAMPLE, rows // 4), replace=False))
    index = _empty_index(kind, rows, dim, gallery.take(np.sort(rng.choice(rows, min(TRAINED, rows), replace=False))))
    kept = np.ones(rows, dtype=np.bool_)
    kept[held] = False
    add_rows(index, gallery, np.flatnonzero(kept), on_progress)
    built = _tuned(index, kind, gallery, held, kept, target)
    if built.index is not None:
        index.add(gallery.take(held))
    return built


def add_rows(index: Any, gallery: Rows, rows: Numbers, on_progress: OnProgress | None = None) -> None:
    """Add these rows to an index of FAISS, some at a time."""
    for start in range(0, len(rows), ADDED):
        if on_progress is not None:
            on_progress("building the index", start, len(rows))
        index.add(gallery.take(rows[start : start + ADDED]))
    if on_progress is not None:
        on_progress("building the index", len(rows), len(rows))


def _kind(rows: int, dim: int) -> Kind | None:
    memory = MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if rows < IVF_FROM and rows * (dim + 9 * LINKS) < memory:
        return "hnsw"
    return "ivf" if rows * (dim + 16) < memory else None


def _empty_index(kind: Kind, rows: int, dim: int, sample: Floats) -> Any:
    import faiss

    if kind == "hnsw":
        index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_WIDTH
    else:
        lists = max(1, min(int(4 * rows**0.5), len(sample) // 8))
        index = faiss.index_factory(dim, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.cp.niter = 10
        index.cp.min_points_per_centroid = 1
    index.train(sample)
    return index


def _tuned(index: Any, kind: Kind, gallery: Rows, held: Numbers, kept: Mask, target: float) -> Built:
    """The narrowest search that meets the target on both halves of the sample; the lower of the two recalls is reported."""
    asked = gallery.take(held)
    bounds = _tenth_similarities(asked, gallery, kept)
    best = 0.0
    for width in WIDTHS:
        if kind == "ivf" and width > index.nlist:
            break
        most = CANDIDATES[-1] if kind == "ivf" else min(width, CANDIDATES[-1])
        search = NeighbourIndex(index, kind, width, most, held, len(kept))
        if search.comparisons(asked[:100], MEASURED_K) * WORTH > len(kept):
            break
        found = search.search(asked, MEASURED_K)
        for candidates in [count for count in CANDIDATES if count <= most]:
            right = [
                _right(query, gallery, some[:candidates], bound) for query, some, bound in zip(asked, found, bounds, strict=True)
            ]
            recall = min(float(np.mean(right[::2])), float(np.mean(right[1::2])))
            best = max(best, recall)
            if recall >= target:
                return Built(index, kind, held, width, candidates, recall, len(held))
    return Built(
        None, kind, held, recall=best, sample=len(held),
        why_none=f"an index fast enough would find {best:.3f} of the 10 nearest, fewer than {target:g}",
    )  # fmt: skip


def _tenth_similarities(queries: Floats, gallery: Rows, kept: Mask) -> list[float]:
    """How similar the tenth nearest is: what is found and at least as similar is right, whichever of equals it is."""
    found = scan(queries, gallery, MEASURED_K, Choice.of(kept))
    return [
        float(order_exactly(query, rows, gallery.take(rows), MEASURED_K)[1][-1])
        for query, rows in zip(queries, found, strict=True)
    ]


def _right(query: Floats, gallery: Rows, rows: Numbers, bound: float) -> float:
    similarities = order_exactly(query, rows, gallery.take(rows), MEASURED_K)[1]
    return float(np.count_nonzero(similarities >= bound)) / MEASURED_K
