"""Retrieval confusion matrices side by side, and for each entry the queries and their wrong neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.report.study.read.measured import Measured, Shown

MOST_CLASSES = 60  # rows of a matrix that can still be read; of more, those most confused
LISTED = 6  # queries of an entry that get it wrong under all variants together ...
OF_EACH = 2  # ... and of each variant, so that any two have something to show ...
FEW = 8  # ... while there are so few variants
NEIGHBOURS = 5  # wrong neighbours of a query
ENTRIES = 150  # entries of the matrix that have pictures, the most confused ones


def confusion_matrix(measured: Measured, place: int) -> NDArray[np.float64] | None:
    """Of a variant, float64 (C, C), normalised by row, over all its finished seeds; None where nothing was judged."""
    found = [measured.results[cell.key] for cell in measured.study.variants[place].cells if cell.key in measured.results]
    if not found or len({tuple(one.classes) for one in found}) > 1:
        return None
    counts = np.sum([one.counts for one in found], axis=0).astype(np.float64)
    totals = counts.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return shares


def confusions(measured: Measured, shown: Sequence[Shown]) -> dict[str, Any]:
    """Matrices in tenths of a percent, and the entries whose queries are listed."""
    if not shown:
        return {"classes": [], "matrices": [], "entries": {}}
    classes = [str(name) for name in shown[0].judged.classes]
    matrices = [confusion_matrix(measured, one.place) for one in shown]
    mean = np.mean([matrix for matrix in matrices if matrix is not None], axis=0)
    kept = _kept(mean)
    return {
        "classes": [classes[i] for i in kept],
        "all_classes": len(classes),
        "matrices": [
            {
                "variant": one.place,
                "seed": one.cell.seed,
                "gallery": one.gallery,
                "shares": [] if matrix is None else np.round(1000 * matrix[np.ix_(kept, kept)]).astype(int).ravel().tolist(),
            }
            for one, matrix in zip(shown, matrices, strict=True)
        ],
        "entries": {
            f"{kept.index(row)},{kept.index(column)}": _entry(shown, row, column) for row, column in _most_confused(mean, kept)
        },
    }


def entry_pictures(data: dict[str, Any], shown: Sequence[Shown]) -> Iterator[tuple[str, int]]:
    """(prefix, row) of the pictures that the entries show, the most confused entries first: `q-` queries, `g0-` gallery."""
    for entry in data["entries"].values():
        for item in entry:
            yield "q-", item["query"]
            for one, found in zip(shown, item["found"], strict=True):
                yield from ((f"g{one.gallery}-", row) for row in found)


def _kept(mean: NDArray[np.float64]) -> list[int]:
    """Classes shown: all, or those that are most confused with another, in their own order."""
    if len(mean) <= MOST_CLASSES:
        return list(range(len(mean)))
    off = mean.copy()
    np.fill_diagonal(off, 0)
    worst = np.argsort(-np.maximum(off.max(axis=0), off.max(axis=1)), kind="stable")[:MOST_CLASSES]
    return sorted(int(i) for i in worst)


def _most_confused(mean: NDArray[np.float64], kept: Sequence[int]) -> list[tuple[int, int]]:
    off = np.zeros_like(mean)
    off[np.ix_(kept, kept)] = mean[np.ix_(kept, kept)]
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:ENTRIES]
    pairs = [divmod(int(place), len(mean)) for place in order]
    return [(row, column) for row, column in pairs if off[row, column] > 0]


def _entry(shown: Sequence[Shown], row: int, column: int) -> list[dict[str, Any]]:
    """The queries of one class that retrieve most of another under all variants together, with what each variant found of it."""
    asked = np.flatnonzero(shown[0].judged.query_labels == row)
    wrong = [one.judged.gallery_labels[one.judged.indices[asked]] == column for one in shown]
    total = np.sum([found.sum(axis=1) for found in wrong], axis=0)
    chosen = [int(i) for i in np.argsort(-total, kind="stable")[:LISTED] if total[i] > 0]
    for found in wrong if len(wrong) <= FEW else []:
        own = found.sum(axis=1)
        chosen += [int(i) for i in np.argsort(-own, kind="stable")[:OF_EACH] if own[i] > 0 and int(i) not in chosen]
    return [
        {
            "query": int(shown[0].judged.query_rows[asked[i]]),
            "counts": [int(found[i].sum()) for found in wrong],
            "found": [_rows(one, int(asked[i]), found[i]) for one, found in zip(shown, wrong, strict=True)],
        }
        for i in chosen
    ]


def _rows(one: Shown, query: int, wrong: NDArray[np.bool_]) -> list[int]:
    found: Indices = one.judged.gallery_rows[one.judged.indices[query][wrong]][:NEIGHBOURS]
    return [int(row) for row in found]
