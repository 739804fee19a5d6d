"""What a run was judged by, kept beside its model: reports are drawn from it without network or images."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.errors import TrainingError


@dataclass(frozen=True)
class Judged:
    """The images that asked, and what they found.

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
    similarities: NDArray[np.float32]
    query_rows: Indices
    gallery_rows: Indices


def write_judged(judged: Judged, path: Path) -> None:
    """Write as `.npz`, atomically."""
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        np.savez(file, **vars(judged))
    os.replace(draft, path)


def read_judged(path: Path) -> Judged | None:
    """What `write_judged` wrote; None where a run judged nothing. Raises `TrainingError` for a damaged file."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Judged(**{name: arrays[name] for name in arrays.files})
    except (ValueError, OSError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path}: damaged ({error}): delete the run's summary.json and train it again") from error
