"""What the queries of a run found, kept beside its model: reports are drawn from it without network or images."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.files import replacing


@dataclass(frozen=True)
class RetrievalResults:
    """The query images of a run, and what each retrieved from its gallery.

    Attributes:
        queries: float16 (Q, D), descriptors of unit length.
        query_labels, gallery_labels: int64 (Q,) and (G,), codes into `classes`.
        classes: names of the classes, sorted.
        indices: int64 (Q, k), rows of the gallery, the nearest first.
        similarities: float32 (Q, k).
        query_rows, gallery_rows: int64 (Q,) and (G,), where the images stand among the records of their source.
    """

    queries: NDArray[np.float16]
    query_labels: Indices
    gallery_labels: Indices
    classes: NDArray[np.str_]
    indices: Indices
    similarities: Floats
    query_rows: Indices
    gallery_rows: Indices


def write_retrieval_results(results: RetrievalResults, path: Path) -> None:
    """Write as `.npz`, atomically. Raises `OSError`."""
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez(file, **vars(results))


def read_retrieval_results(path: Path) -> RetrievalResults:
    """What `write_retrieval_results` wrote. Raises `OSError`, `ValueError` or `TypeError` for a missing or damaged file."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return RetrievalResults(**{name: arrays[name] for name in arrays.files})
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(str(error)) from error
