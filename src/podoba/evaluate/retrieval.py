"""Retrieval metrics of descriptors with classes, with bootstrap intervals.

As in pytorch-metric-learning and Musgrave et al., "A Metric Learning Reality Check" (2020). A query whose class has no image
in the gallery has nothing to find: it is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.evaluate.knn import Labels
from podoba.evaluate.neighbours import Floats, Indices, similarity_blocks

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Retrieval:
    """The metrics of each query, from which means and intervals come.

    Attributes:
        per_query: by metric name, float64 (Q',) over the queries that have something to find.
        excluded: queries without an image of their class in the gallery.
    """

    per_query: dict[str, Scores]
    excluded: int

    def means(self) -> dict[str, float | None]:
        """Each metric's mean; None where no query could be judged."""
        return {name: float(values.mean()) if len(values) else None for name, values in self.per_query.items()}

    def intervals(self, samples: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
        """95% intervals of the means: percentiles over bootstrap samples of the queries (Efron, 1979)."""
        stacked = np.stack(list(self.per_query.values()), axis=1)
        if not len(stacked):
            return {}
        rng = np.random.default_rng(seed)
        n = len(stacked)
        # How often each query is drawn is all that the mean depends on.
        means = np.stack([rng.multinomial(n, np.full(n, 1 / n)) @ stacked / n for _ in range(samples)])
        low, high = np.percentile(means, [2.5, 97.5], axis=0)
        return {name: (float(low[i]), float(high[i])) for i, name in enumerate(self.per_query)}


def retrieval_metrics(
    queries: Floats,
    query_labels: Labels,
    gallery: Floats | None = None,
    gallery_labels: Labels | None = None,
    *,
    ks: Sequence[int] = (1, 5, 10),
) -> Retrieval:
    """recall@k, precision@k, R-precision, MAP@R, mAP and MRR of every query, by cosine; ties go to the lower row.

    Args:
        queries: float32 (Q, D), unit length, with labels (Q,).
        gallery: float32 (G, D), unit length, with labels (G,); None: leave-one-out within the queries.
        ks: depths of recall@k (a hit among the k nearest) and precision@k (share of hits among them).
    """
    alone = gallery is None
    found, wanted = _numbers(query_labels, query_labels if gallery_labels is None else gallery_labels)
    pool = queries if gallery is None else gallery
    names = [f"{kind}@{k}" for kind in ("recall", "precision") for k in ks]
    names += ["r_precision", "map@r", "map", "mrr"]
    collected: list[Scores] = []
    for rows, block in similarity_blocks(queries, pool, leave_one_out=alone):
        order = ranking(block)
        if alone:
            order = order[:, :-1]
        hits = wanted[order] == found[rows.start : rows.stop, None]
        collected.append(_per_query(hits, ks))
    scores = np.concatenate(collected) if collected else np.empty((0, len(names)))
    judged = ~np.isnan(scores[:, -1])
    return Retrieval({name: scores[judged, i] for i, name in enumerate(names)}, int((~judged).sum()))


def ranking(similarities: Floats) -> Indices:
    """Gallery rows (b, G) by falling similarity, ties by row.

    Similarity and row are packed into one integer, so that a plain sort, which is much faster than a stable argsort, will do.
    """
    bits = (-similarities).view(np.int32).astype(np.int64)
    keys = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    packed = (keys << 32) | np.arange(similarities.shape[1], dtype=np.int64)
    packed.sort(axis=1)
    return packed & 0xFFFFFFFF


def _per_query(hits: NDArray[np.bool_], ks: Sequence[int]) -> Scores:
    """(b, metrics) from hits (b, G) in ranked order; NaN for a query with nothing to find."""
    relevant = hits.sum(axis=1)
    columns: list[Scores] = [np.asarray(hits[:, :k].any(axis=1), dtype=np.float64) for k in ks]
    columns += [np.asarray(hits[:, :k].mean(axis=1), dtype=np.float64) for k in ks]
    precision = hits.cumsum(axis=1, dtype=np.int32) / np.arange(1, hits.shape[1] + 1, dtype=np.float64)
    precision *= hits
    first_r = np.arange(hits.shape[1]) < relevant[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        columns.append((hits & first_r).sum(axis=1) / relevant)
        columns.append(np.where(first_r, precision, 0.0).sum(axis=1) / relevant)
        columns.append(precision.sum(axis=1) / relevant)
    columns.append(np.asarray(1.0 / (hits.argmax(axis=1) + 1.0), dtype=np.float64))
    scores = np.stack(columns, axis=1)
    scores[relevant == 0] = np.nan
    return scores


def _numbers(query_labels: Labels, gallery_labels: Labels) -> tuple[Indices, Indices]:
    """The same labels as numbers, so that they compare fast."""
    first, second = np.asarray(query_labels), np.asarray(gallery_labels)
    _, numbers = np.unique(np.concatenate([first, second]), return_inverse=True)
    return numbers[: len(first)], numbers[len(first) :]
