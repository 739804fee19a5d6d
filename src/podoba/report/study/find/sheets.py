"""Result sheets: the same queries under every variant: some at random, the hardest, and those whose results change most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.report.study.read.measured import Shown

MANY = 8  # variants from which on fewer queries and results are shown of each
KINDS = ("random", "hardest", "changed")


def sheets(shown: Sequence[Shown], seed: int = 0) -> dict[str, Any]:
    """For each kind of queries: the query, and under each variant what it found, whether it is right, and how similar.

    The hardest have the fewest right results under all variants together; the most changed differ most between the variants
    in how many of their results are right, and of those equal in that, have fewest results in common.
    """
    if not shown:
        return {kind: [] for kind in KINDS} | {"variants": []}
    many = len(shown) > MANY
    queries, depth = (5, 6) if many else (8, 10)
    right = np.stack([right_results(one, depth) for one in shown])
    labelled = np.flatnonzero(shown[0].judged.query_labels >= 0)
    drawn = np.random.default_rng(seed).permutation(labelled)[:queries]
    hardest = labelled[np.argsort(right.sum(axis=0)[labelled], kind="stable")][:queries]
    chosen = {"random": np.sort(drawn), "hardest": hardest, "changed": most_changed(shown, right, labelled, depth)[:queries]}
    return {
        "variants": [{"variant": one.place, "seed": one.cell.seed, "gallery": one.gallery} for one in shown],
        **{kind: [_query(shown, int(row), depth) for row in rows] for kind, rows in chosen.items()},
    }


def right_results(one: Shown, depth: int) -> NDArray[np.int64]:
    """How many of the nearest results of each query are of its class, int64 (Q,)."""
    found = one.judged.gallery_labels[one.judged.indices[:, :depth]]
    counts: NDArray[np.int64] = (found == one.judged.query_labels[:, None]).sum(axis=1)
    return counts


def most_changed(shown: Sequence[Shown], right: NDArray[np.int64], rows: Indices, depth: int) -> Indices:
    """The rows in order, those first whose numbers of right results (V, Q) differ most between the variants."""
    if len(shown) < 2:
        return rows[:0]
    spread = (right.max(axis=0) - right.min(axis=0))[rows]
    order = np.argsort(-spread, kind="stable")
    # Only those that can come first are compared result by result.
    least = spread[order[min(len(order), 200) - 1]] if len(order) else 0
    near = rows[order[spread[order] >= max(least, 1)]]
    common = [len(set.intersection(*(_found(one, int(row), depth) for one in shown))) for row in near[:2000]]
    spread_of = {int(row): int(value) for row, value in zip(rows, spread, strict=True)}
    ranked = sorted(zip(near[:2000].tolist(), common, strict=True), key=lambda pair: (-spread_of[pair[0]], pair[1]))
    return np.array([row for row, _ in ranked], dtype=np.int64)


def sheet_pictures(data: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """(prefix, row) of the pictures on the sheets: `q-` of the queries, `g0-` of the gallery."""
    for kind in KINDS:
        for query in data[kind]:
            yield "q-", query["query"]
            for variant, found in zip(data["variants"], query["found"], strict=True):
                yield from ((f"g{variant['gallery']}-", row) for row in found["rows"])


def _found(one: Shown, row: int, depth: int) -> set[int]:
    return {int(i) for i in one.judged.gallery_rows[one.judged.indices[row, :depth]]}


def _query(shown: Sequence[Shown], row: int, depth: int) -> dict[str, Any]:
    label = int(shown[0].judged.query_labels[row])
    found = []
    for one in shown:
        places = one.judged.indices[row, :depth]
        labels = one.judged.gallery_labels[places]
        found.append(
            {
                "rows": one.judged.gallery_rows[places].tolist(),
                "labels": labels.tolist(),
                "similarities": [round(float(s), 3) for s in one.judged.similarities[row, :depth]],
            }
        )
    return {"query": int(shown[0].judged.query_rows[row]), "label": label, "found": found}
