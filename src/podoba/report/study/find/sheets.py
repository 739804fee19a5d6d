"""Result sheets: the same queries under every variant: some at random, the hardest, and those whose results change most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from podoba.arrays import Indices
from podoba.report.study.read.shown import PictureRef, Shown

KINDS = ("random", "hardest", "changed")


@dataclass(frozen=True)
class SheetSettings:
    """How much of the results is shown.

    Attributes:
        queries: queries of each kind.
        depth: results of a query.
        few_variants: variants up to which so many are shown; of more variants fewer.
        queries_of_many, depth_of_many: the same numbers where there are more variants.
        spread: queries at least, those with the most different numbers of right results, whose results are compared one by one.
        compared: queries at most whose results are compared one by one.
    """

    queries: int = 8
    depth: int = 10
    few_variants: int = 8
    queries_of_many: int = 5
    depth_of_many: int = 6
    spread: int = 200
    compared: int = 2000


def sheets(shown: Sequence[Shown], seed: int = 0, settings: SheetSettings = SheetSettings()) -> dict[str, Any]:
    """For each kind of queries: the query, and under each variant its results, their labels and similarities.

    The hardest have the fewest right results under all variants together; the most changed differ most between the variants
    in how many of their results are right, and of those equal in that, have fewest results in common.
    """
    if not shown:
        return {kind: [] for kind in KINDS} | {"variants": []}
    few = len(shown) <= settings.few_variants
    queries = settings.queries if few else settings.queries_of_many
    depth = settings.depth if few else settings.depth_of_many
    right = np.stack([right_results(variant, depth) for variant in shown])
    labelled = np.flatnonzero(shown[0].results.query_labels >= 0)
    drawn = np.random.default_rng(seed).permutation(labelled)[:queries]
    hardest = labelled[np.argsort(right.sum(axis=0)[labelled], kind="stable")][:queries]
    changed = most_changed(shown, right, labelled, depth, settings)[:queries]
    return {
        "variants": [{"variant": variant.place, "seed": variant.cell.seed, "gallery": variant.gallery} for variant in shown],
        **{
            kind: [_query(shown, int(row), depth) for row in rows]
            for kind, rows in zip(KINDS, (np.sort(drawn), hardest, changed), strict=True)
        },
    }


def right_results(variant: Shown, depth: int) -> Indices:
    """How many of the nearest results of each query are of its class, int64 (Q,)."""
    labels = variant.results.gallery_labels[variant.results.indices[:, :depth]]
    counts: Indices = (labels == variant.results.query_labels[:, None]).sum(axis=1)
    return counts


def most_changed(
    shown: Sequence[Shown], right: Indices, rows: Indices, depth: int, settings: SheetSettings = SheetSettings()
) -> Indices:
    """The rows in order, those first whose numbers of right results (V, Q) differ most between the variants."""
    if len(shown) < 2:
        return rows[:0]
    spread = (right.max(axis=0) - right.min(axis=0))[rows]
    order = np.argsort(-spread, kind="stable")
    # Only those that can come first are compared result by result.
    least = spread[order[min(len(order), settings.spread) - 1]] if len(order) else 0
    near = rows[order[spread[order] >= max(least, 1)]][: settings.compared]
    common = [len(set.intersection(*(_results(variant, int(row), depth) for variant in shown))) for row in near]
    spread_of = {int(row): int(value) for row, value in zip(rows, spread, strict=True)}
    ranked = sorted(zip(near.tolist(), common, strict=True), key=lambda pair: (-spread_of[pair[0]], pair[1]))
    return np.array([row for row, _ in ranked], dtype=np.int64)


def sheet_pictures(data: dict[str, Any]) -> Iterator[PictureRef]:
    """The pictures on the sheets of `sheets`."""
    for kind in KINDS:
        for query in data[kind]:
            yield None, query["query"]
            for variant, results in zip(data["variants"], query["found"], strict=True):
                yield from ((variant["gallery"], row) for row in results["rows"])


def _results(variant: Shown, row: int, depth: int) -> set[int]:
    return {int(i) for i in variant.results.gallery_rows[variant.results.indices[row, :depth]]}


def _query(shown: Sequence[Shown], row: int, depth: int) -> dict[str, Any]:
    results = []
    for variant in shown:
        places = variant.results.indices[row, :depth]
        results.append(
            {
                "rows": variant.results.gallery_rows[places].tolist(),
                "labels": variant.results.gallery_labels[places].tolist(),
                "similarities": [round(float(s), 3) for s in variant.results.similarities[row, :depth]],
            }
        )
    first = shown[0].results
    return {"query": int(first.query_rows[row]), "label": int(first.query_labels[row]), "found": results}
