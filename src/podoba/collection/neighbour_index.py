"""An approximate index of descriptors: FAISS's HNSW or IVF, opened from its mapped file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from podoba.collection.scan import Floats, Mask, Numbers

MEASURED_K = 10  # neighbours for which width and recall are measured


class NeighbourIndex:
    """Finds rows that are probably among the nearest; they are then compared exactly by who asked.

    Hierarchical navigable small worlds: Malkov, Yashunin 2018; inverted file: Jégou, Douze, Schmid 2011; both by FAISS
    (Douze et al. 2024).
    """

    def __init__(self, index: Any, kind: Literal["hnsw", "ivf"], width: int, candidates: int) -> None:
        """Wrap an index of FAISS.

        Args:
            width, candidates: as in `IndexFacts`.
        """
        self._index, self.kind, self.width, self.candidates = index, kind, width, candidates

    @classmethod
    def open(cls, path: Path, kind: Literal["hnsw", "ivf"], width: int, candidates: int) -> NeighbourIndex:
        """Map the file of an index. Raises `ValueError` where FAISS refuses it."""
        import faiss

        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if kind == "hnsw" else faiss.IO_FLAG_MMAP)
        except RuntimeError as error:
            raise ValueError(f"FAISS cannot open it ({' '.join(str(error).split())[:200]})") from error
        return cls(index, kind, width, candidates)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Floats, k: int, alive: Mask | None = None) -> list[Numbers]:
        """Places of rows near each query (Q, dim), at least k where so many were found, in no certain order.

        Args:
            alive: bool (n,): only these rows; None: all.
        """
        wanted = max(1, -(-k * self.candidates // MEASURED_K))
        parameters = self._parameters(max(self.width, -(-k * self.width // MEASURED_K), wanted), alive)
        _, rows = self._index.search(queries, min(wanted, len(self)), params=parameters)
        return [found[found >= 0] for found in rows]

    def _parameters(self, width: int, alive: Mask | None) -> Any:
        import faiss

        more = {} if alive is None else {"sel": faiss.IDSelectorBitmap(np.packbits(alive, bitorder="little"))}
        if self.kind == "hnsw":
            return faiss.SearchParametersHNSW(efSearch=width, **more)
        return faiss.SearchParametersIVF(nprobe=min(width, self._index.nlist), **more)
