"""Everything that is said of a set of descriptors, in one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.metrics.confusion import Confused, Matrix, most_confused, retrieval_confusion
from podoba.metrics.knn import vote
from podoba.metrics.retrieval import retrieval_metrics
from podoba.ranking.exact import Neighbours, nearest

K = 5  # of the KNN score
DEPTH = 10  # of the confusion matrix and of what is shown
METRICS = ("recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr")


@dataclass(frozen=True)
class Evaluation:
    """The scores of descriptors.

    Attributes:
        queries, gallery: how many images asked, and among how many was searched.
        excluded: queries whose class has no image in the gallery.
        classes: names of rows and columns of `confusion`, float64 (C, C); empty without labels.
        neighbours: of all queries.
    """

    queries: int
    gallery: int
    dim: int
    knn_score: float | None
    metrics: dict[str, float | None]
    intervals: dict[str, tuple[float, float]]
    excluded: int
    classes: list[str]
    confusion: Matrix
    confused: list[Confused]
    neighbours: Neighbours

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba evaluate --json`, but for the model's name."""
        return {
            "queries": self.queries,
            "gallery": self.gallery,
            "dim": self.dim,
            "knn_score": self.knn_score,
            **self.metrics,
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "most_confused": list(self.confused),
            "excluded": self.excluded,
        }


def evaluate(
    descriptors: Floats,
    labels: Sequence[str | None],
    gallery: Floats | None = None,
    gallery_labels: Sequence[str | None] | None = None,
) -> Evaluation:
    """Judge descriptors by what they retrieve.

    Args:
        descriptors: float32 (Q, D), unit length, of the queries, with labels (Q,); None where unknown.
        gallery: float32 (G, D), unit length; None: leave-one-out within the queries.

    Raises:
        ValueError: fewer than two images.
    """
    alone = gallery is None
    pool = descriptors if gallery is None else gallery
    pool_labels = labels if gallery_labels is None else gallery_labels
    available = len(pool) - (1 if alone else 0)
    found = nearest(descriptors, pool, min(DEPTH, available), leave_one_out=alone)
    knows = np.array([label is not None for label in labels])
    pool_knows = np.array([label is not None for label in pool_labels])
    if not knows.any() or not pool_knows.any():
        nothing = dict.fromkeys(METRICS)
        empty = np.zeros((0, 0))
        return Evaluation(len(descriptors), len(pool), descriptors.shape[1], None, dict(nothing), {}, 0, [], empty, [], found)
    names = np.array([label or "" for label in labels])[knows]
    pool_names = np.array([label or "" for label in pool_labels])[pool_knows]
    asked = descriptors[knows]
    searched = None if alone else pool[pool_knows]
    among = found if knows.all() and pool_knows.all() else nearest(
        asked, asked if searched is None else searched, min(DEPTH, int(pool_knows.sum()) - alone), leave_one_out=alone
    )  # fmt: skip
    retrieval = retrieval_metrics(asked, names, searched, None if alone else pool_names)
    means, intervals = retrieval.means(), retrieval.intervals()
    correct = (vote(among.indices[:, :K], pool_names) == names).astype(np.float64)
    classes = sorted({*names.tolist(), *pool_names.tolist()})
    matrix = retrieval_confusion(among.indices, names, pool_names, classes)
    return Evaluation(
        queries=len(descriptors),
        gallery=len(pool),
        dim=int(descriptors.shape[1]),
        knn_score=float(correct.mean()),
        metrics={name: means[name] for name in METRICS},
        intervals={name: intervals[name] for name in METRICS if name in intervals} | {"knn_score": _interval(correct)},
        excluded=retrieval.excluded,
        classes=classes,
        confusion=matrix,
        confused=most_confused(matrix, classes),
        neighbours=found,
    )


def _interval(correct: np.ndarray[Any, np.dtype[np.float64]], samples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95% bootstrap interval of a share: how many of n draws are right is binomial."""
    rng = np.random.default_rng(seed)
    shares = rng.binomial(len(correct), correct.mean(), samples) / len(correct)
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)
