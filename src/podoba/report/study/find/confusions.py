"""Retrieval confusion matrices side by side, and for each entry the queries and their wrong neighbours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Mask
from podoba.metrics.confusion import most_confused_classes
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import PictureRef, Shown

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class ConfusionSettings:
    """How much of the matrices is shown.

    Attributes:
        most_classes: rows of a matrix that can still be read; of more classes the most confused are shown.
        entries: entries of the matrix whose queries are listed, the most confused ones.
        queries: queries of an entry that get it wrong most often under all variants together.
        queries_of_each: further queries of an entry that get it wrong most often under one variant, so that any two variants
            have something to show.
        few_variants: variants up to which each has queries of its own.
        neighbours: wrong neighbours of a query.
    """

    most_classes: int = 60
    entries: int = 150
    queries: int = 6
    queries_of_each: int = 2
    few_variants: int = 8
    neighbours: int = 5


def confusion_matrix(measured: Measured, place: int) -> Shares | None:
    """Of a variant, float64 (C, C), normalised by row, over all its finished seeds; None where nothing was retrieved."""
    cells = measured.study.variants[place].cells
    by_cell = [measured.result_counts[cell.key] for cell in cells if cell.key in measured.result_counts]
    if not by_cell or len({tuple(one.classes) for one in by_cell}) > 1:
        return None
    counts = np.sum([one.counts for one in by_cell], axis=0).astype(np.float64)
    totals = counts.sum(axis=1, keepdims=True)
    shares: Shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return shares


def confusions(measured: Measured, shown: Sequence[Shown], settings: ConfusionSettings = ConfusionSettings()) -> dict[str, Any]:
    """Matrices in tenths of a percent, and the entries whose queries are listed."""
    if not shown:
        return {"classes": [], "matrices": [], "entries": {}}
    classes = [str(name) for name in shown[0].results.classes]
    matrices = [confusion_matrix(measured, variant.place) for variant in shown]
    mean = np.mean([matrix for matrix in matrices if matrix is not None], axis=0)
    kept = most_confused_classes(mean, settings.most_classes)
    return {
        "classes": [classes[i] for i in kept],
        "all_classes": len(classes),
        "matrices": [
            {
                "variant": variant.place,
                "seed": variant.cell.seed,
                "gallery": variant.gallery,
                "shares": [] if matrix is None else np.round(1000 * matrix[np.ix_(kept, kept)]).astype(int).ravel().tolist(),
            }
            for variant, matrix in zip(shown, matrices, strict=True)
        ],
        "entries": {
            f"{kept.index(row)},{kept.index(column)}": _entry(shown, row, column, settings)
            for row, column in _most_confused(mean, kept, settings.entries)
        },
    }


def entry_pictures(data: dict[str, Any], shown: Sequence[Shown]) -> Iterator[PictureRef]:
    """The pictures that the entries of `confusions` show, the most confused entries first."""
    for entry in data["entries"].values():
        for item in entry:
            yield None, item["query"]
            for variant, rows in zip(shown, item["found"], strict=True):
                yield from ((variant.gallery, row) for row in rows)


def _most_confused(mean: Shares, kept: Sequence[int], entries: int) -> list[tuple[int, int]]:
    off = np.zeros_like(mean)
    off[np.ix_(kept, kept)] = mean[np.ix_(kept, kept)]
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:entries]
    pairs = [divmod(int(place), len(mean)) for place in order]
    return [(row, column) for row, column in pairs if off[row, column] > 0]


def _entry(shown: Sequence[Shown], row: int, column: int, settings: ConfusionSettings) -> list[dict[str, Any]]:
    """The queries of one class that retrieve most of another, with what each variant retrieved of it."""
    queries = np.flatnonzero(shown[0].results.query_labels == row)
    wrong = [one.results.gallery_labels[one.results.indices[queries]] == column for one in shown]
    total = np.sum([results.sum(axis=1) for results in wrong], axis=0)
    chosen = [int(i) for i in np.argsort(-total, kind="stable")[: settings.queries] if total[i] > 0]
    for results in wrong if len(wrong) <= settings.few_variants else []:
        own = results.sum(axis=1)
        most = np.argsort(-own, kind="stable")[: settings.queries_of_each]
        chosen += [int(i) for i in most if own[i] > 0 and int(i) not in chosen]
    return [
        {
            "query": int(shown[0].results.query_rows[queries[i]]),
            "counts": [int(results[i].sum()) for results in wrong],
            "found": [
                _rows(variant, int(queries[i]), results[i], settings.neighbours)
                for variant, results in zip(shown, wrong, strict=True)
            ],
        }
        for i in chosen
    ]


def _rows(variant: Shown, query: int, wrong: Mask, most: int) -> list[int]:
    """The gallery rows of the nearest wrong results of a query."""
    return [int(row) for row in variant.results.gallery_rows[variant.results.indices[query][wrong]][:most]]
