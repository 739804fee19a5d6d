"""Maps of the test descriptors by UMAP, side by side; each is computed once and kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.progress import OnProgress
from podoba.report.figures.maps import umap_points
from podoba.report.study.read.measured import Measured, Shown

FINENESS = 1000  # places on a side of a map; a pixel or less
VERSION = 1


def map_points(shown: Sequence[Shown], cache: Path, progress: OnProgress | None = None) -> list[NDArray[np.int64]]:
    """Places (n, 2), int64 from 0 to 1000, of the kept descriptors of each variant; from the cache where they are in it."""
    cache.mkdir(parents=True, exist_ok=True)
    found = []
    for done, one in enumerate(shown):
        name = hashlib.sha256(one.descriptors.tobytes() + str((VERSION, one.descriptors.shape)).encode()).hexdigest()[:16]
        path = cache / f"umap-{name}.npy"
        if not path.exists():
            draft = path.with_suffix(".tmp.npy")  # a redraw that was stopped leaves no half of a map behind
            np.save(draft, _whole(umap_points(one.descriptors)))
            os.replace(draft, path)
        found.append(np.load(path))
        if progress is not None:
            progress("maps", done + 1, len(shown))
    return found


def maps(measured: Measured, shown: Sequence[Shown], points: Sequence[NDArray[np.int64]]) -> dict[str, Any]:
    """The maps as the page draws them: the same images in each, with their classes."""
    if not shown:
        return {"maps": [], "labels": [], "rows": []}
    first = shown[0]
    keys = ("within", "between", "ratio", "silhouette", "alignment", "uniformity")
    return {
        "classes": [str(name) for name in first.judged.classes],
        "labels": first.judged.query_labels[first.rows].tolist(),
        "rows": first.judged.query_rows[first.rows].tolist(),
        "maps": [
            {
                "variant": one.place,
                "seed": one.cell.seed,
                "points": place.ravel().tolist(),
                "numbers": {key: measured.values[one.cell.key].get(key) for key in keys},
            }
            for one, place in zip(shown, points, strict=True)
        ],
    }


def _whole(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """Points moved and scaled into the square of `FINENESS`, proportions kept."""
    low = points.min(axis=0)
    span = float((points - low).max()) or 1.0
    placed: NDArray[np.int64] = np.round((points - low) / span * FINENESS).astype(np.int64)
    return placed
