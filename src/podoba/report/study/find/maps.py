"""Maps of the test descriptors in two dimensions, side by side; each is computed once and cached."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.files import replacing
from podoba.progress import OnProgress, silent
from podoba.report.figures.maps import umap_points
from podoba.report.study.find.results import GEOMETRY
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown

FINENESS = 1000  # places on a side of a map; a pixel or less
VERSION = 1
Projection = Callable[[Floats], Floats]  # descriptors (n, D) to places (n, 2)


def map_points(
    shown: Sequence[Shown], cache: Path, project: Projection = umap_points, on_progress: OnProgress = silent
) -> list[Indices]:
    """Places (n, 2), int64 from 0 to 1000, of the mapped descriptors of each variant; read from the cache where they are in it.

    Args:
        project: puts descriptors on a plane.
    """
    cache.mkdir(parents=True, exist_ok=True)
    maps = []
    for done, variant in enumerate(shown):
        shape = str((VERSION, variant.descriptors.shape)).encode()
        path = cache / f"umap-{hashlib.sha256(variant.descriptors.tobytes() + shape).hexdigest()[:16]}.npy"
        if not path.exists():
            with replacing(path) as draft, draft.open("wb") as file:
                np.save(file, _whole(project(variant.descriptors)))
        maps.append(np.load(path))
        on_progress("maps", done + 1, len(shown))
    return maps


def maps(measured: Measured, shown: Sequence[Shown], points: Sequence[Indices]) -> dict[str, Any]:
    """The maps as the page draws them: the same images in each, with their classes."""
    if not shown:
        return {"maps": [], "labels": [], "rows": []}
    first = shown[0]
    return {
        "classes": [str(name) for name in first.results.classes],
        "labels": first.results.query_labels[first.rows].tolist(),
        "rows": first.results.query_rows[first.rows].tolist(),
        "maps": [
            {
                "variant": variant.place,
                "seed": variant.cell.seed,
                "points": places.ravel().tolist(),
                "numbers": {key: measured.values[variant.cell.key].get(key) for key in GEOMETRY},
            }
            for variant, places in zip(shown, points, strict=True)
        ],
    }


def _whole(points: Floats) -> Indices:
    """Points moved and scaled into the square of `FINENESS`, proportions kept."""
    low = points.min(axis=0)
    span = float((points - low).max()) or 1.0
    placed: Indices = np.round((points - low) / span * FINENESS).astype(np.int64)
    return placed
