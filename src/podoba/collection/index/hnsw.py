"""An approximate index of descriptors: FAISS's HNSW or IVF, opened from its mapped file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from podoba.arrays import Floats, Indices, Mask
from podoba.collection.index.block_checksums import DamagedCache

Kind = Literal["hnsw", "ivf"]
MEASURED_K = 10  # neighbours for which width and recall are measured
NONE: Indices = np.empty(0, dtype=np.int64)


class NeighbourIndex:
    """Finds rows that are probably among the nearest; they are then compared exactly by the caller.

    Hierarchical navigable small worlds: Malkov, Yashunin 2018; inverted file: Jégou, Douze, Schmid 2011; both by FAISS
    (Douze et al. 2024).
    """

    def __init__(self, index: Any, kind: Kind, width: int, candidates: int, sample: Indices = NONE, built: int = 0) -> None:
        """Wrap an index of FAISS.

        Args:
            width, candidates, sample, built: as in `IndexFacts`; of the first `built` rows those of `sample` were added last.
        """
        self._index, self.kind, self.width, self.candidates = index, kind, width, candidates
        self._order = rows_in_order(max(len(self), built), sample, built)
        self._selected: tuple[Mask, Any] | None = None

    @classmethod
    def open(cls, path: Path, kind: Kind, width: int, candidates: int, sample: Indices, built: int) -> NeighbourIndex:
        """Map the file of an index. Raises `DamagedCache` where FAISS refuses it."""
        import faiss

        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if kind == "hnsw" else faiss.IO_FLAG_MMAP)
        except RuntimeError as error:
            raise DamagedCache(f"FAISS cannot open it ({' '.join(str(error).split())[:200]})") from error
        return cls(index, kind, width, candidates, sample, built)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Floats, k: int, alive: Mask | None = None) -> list[Indices]:
        """Rows near each query (Q, dim), at least k where so many were found, most similar by their codes first.

        Args:
            alive: bool (n,): only these rows; None: all.
        """
        wanted = min(max(k, -(-k * self.candidates // MEASURED_K)), len(self))
        width = max(self.width, -(-k * self.width // MEASURED_K), wanted)
        rows = self._raw_search(np.ascontiguousarray(queries, dtype=np.float32), wanted, self._parameters(width, alive))
        places = [some[some >= 0] for some in rows]
        return places if self._order is None else [self._order[some] for some in places]

    def _raw_search(self, queries: Floats, k: int, parameters: Any) -> Indices:
        """FAISS's own method: pytorch-metric-learning puts another in the place of `search`, which takes no parameters."""
        import faiss

        distances = np.empty((len(queries), k), dtype=np.float32)
        rows = np.empty((len(queries), k), dtype=np.int64)
        pointers = [faiss.swig_ptr(array) for array in (queries, distances, rows)]
        self._index.search_c(len(queries), pointers[0], k, pointers[1], pointers[2], parameters)
        return rows

    def comparisons(self, queries: Floats, k: int) -> float:
        """How many descriptors a search compares a query with, on average."""
        import faiss

        stats = faiss.cvar.hnsw_stats if self.kind == "hnsw" else faiss.cvar.indexIVF_stats
        stats.reset()
        self.search(queries, k)
        return float(stats.ndis) / len(queries)

    def _parameters(self, width: int, alive: Mask | None) -> Any:
        import faiss

        more = {} if alive is None else {"sel": self._selector(alive)}
        if self.kind == "hnsw":
            return faiss.SearchParametersHNSW(efSearch=width, **more)
        return faiss.SearchParametersIVF(nprobe=min(width, self._index.nlist), **more)

    def _selector(self, alive: Mask) -> Any:
        """FAISS's form of a mask; that of the last one is kept."""
        import faiss

        selected = self._selected  # another thread may put another one there
        if selected is None or selected[0] is not alive:
            bits = np.packbits(alive if self._order is None else alive[self._order], bitorder="little")
            selected = self._selected = alive, faiss.IDSelectorBitmap(bits)
        return selected[1]


def rows_in_order(count: int, sample: Indices, built: int) -> Indices | None:
    """Rows in the order in which they were added; None where that is their own.

    Of the first `built` rows those of `sample` (ascending) came last; further ones came after them.
    """
    if not len(sample):
        return None
    first = np.ones(built, dtype=np.bool_)
    first[sample] = False
    return np.concatenate([np.flatnonzero(first), sample, np.arange(built, count)])
