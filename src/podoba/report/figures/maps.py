"""Descriptors in two dimensions by UMAP."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.errors import require
from podoba.ranking.exact import nearest
from podoba.report.figures.theme import COLOURS, figure, legend, save

NEIGHBOURS = 15
MARKERS = "os^DvP*X<>"
LEGEND = 30  # classes up to which each has an entry


def umap_points(descriptors: Floats, seed: int = 0) -> Floats:
    """Places (N, 2), float32, of descriptors (N, D), unit length, by UMAP (McInnes et al., 2018) on exact neighbours.

    Equal descriptors and seeds give equal places. Raises `MissingExtra` where umap-learn is not installed.
    """
    umap: Any = require("umap", "train")
    n = len(descriptors)
    if n < 4:
        return np.stack([np.arange(n), np.zeros(n)], axis=1).astype(np.float32)
    k = min(NEIGHBOURS, n)
    neighbours = nearest(descriptors, descriptors, k)
    distances = np.sqrt(np.maximum(2 - 2 * neighbours.similarities, 0)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that a fixed seed means one thread, which is what is wanted
        reducer = umap.UMAP(
            n_neighbors=k, random_state=seed, precomputed_knn=(neighbours.indices, distances), init="random" if n < 20 else "pca"
        )
        points: Floats = reducer.fit_transform(descriptors)
    return points


def umap_figure(descriptors: Floats, labels: Sequence[str | None], path: Path, seed: int = 0) -> None:
    """Draw descriptors (N, D) by UMAP; classes differ by colour and by sign, with a legend while there are few of them.

    Raises:
        MissingExtra: umap-learn or matplotlib is not installed.
        PodobaError: the figure cannot be written.
    """
    points = umap_points(descriptors, seed)
    names = sorted({label or "unlabelled" for label in labels})
    name_of_each = np.array([label or "unlabelled" for label in labels])
    few = len(names) <= LEGEND
    drawn, axes = figure(8.5 if few else 7.0, 6.5)
    size = float(np.clip(4000 / max(len(points), 1), 4, 40))
    handles = []
    for i, name in enumerate(names):
        here = points[name_of_each == name]
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[(i // len(COLOURS)) % len(MARKERS)]
        handles.append(axes.scatter(here[:, 0], here[:, 1], s=size, color=colour, marker=marker, alpha=0.7, linewidths=0))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(f"{len(points)} descriptors of {len(names)} classes, UMAP")
    if few:
        look = {"loc": "center left", "bbox_to_anchor": (1, 0.5), "frameon": False, "markerscale": max(1.0, 3 / size**0.5)}
        legend(axes, handles, names, **look)
    save(drawn, path)
