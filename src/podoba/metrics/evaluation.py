"""Every score of a set of descriptors, in one object."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.metrics.confusion import Confused, Matrix, most_confused, retrieval_confusion
from podoba.metrics.intervals import bootstrap_share
from podoba.metrics.knn import K, vote
from podoba.metrics.retrieval import retrieval_metrics
from podoba.ranking.exact import Neighbours, nearest

DEPTH = 10  # neighbours of each query, and so of the confusion matrix
METRICS = ("recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr")


@dataclass(frozen=True)
class Evaluation:
    """The scores of descriptors.

    Attributes:
        queries, gallery: how many images searched, and how many were searched among.
        dim: numbers of a descriptor.
        neighbours: of all queries, the nearest `DEPTH`, or as many as there are.
        knn_score: of the K = 5 nearest; None without labels.
        metrics: means by the names of `METRICS`; None without labels, or where no query has anything to find.
        intervals: 95% bootstrap intervals of `metrics` and `knn_score`, over the queries.
        excluded: queries whose class has no image in the gallery.
        classes: names of rows and columns of `confusion`, float64 (C, C); empty without labels.
        confused: the largest entries of `confusion` off its diagonal.
    """

    queries: int
    gallery: int
    dim: int
    neighbours: Neighbours
    knn_score: float | None = None
    metrics: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(METRICS))
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    excluded: int = 0
    classes: list[str] = field(default_factory=list)
    confusion: Matrix = field(default_factory=lambda: np.zeros((0, 0)))
    confused: list[Confused] = field(default_factory=list)

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
    """Score descriptors by what they retrieve. Images without a label are neighbours, but count in no score.

    Args:
        descriptors: float32 (Q, D), unit length, of the queries.
        labels: (Q,), the class of each query; None where unknown.
        gallery: float32 (G, D), unit length, with labels (G,); None: leave-one-out within the queries.

    Raises:
        ValueError: no image to find, or a gallery without labels of its own.
    """
    if (gallery is None) != (gallery_labels is None):
        raise ValueError("a gallery and its labels go together: give both or neither")
    leave_one_out = gallery is None
    pool = descriptors if gallery is None else gallery
    pool_labels = labels if gallery_labels is None else gallery_labels
    depth = min(DEPTH, len(pool) - leave_one_out)
    neighbours = nearest(descriptors, pool, depth, leave_one_out=leave_one_out)
    unlabelled = Evaluation(len(descriptors), len(pool), int(descriptors.shape[1]), neighbours)
    labelled = np.array([label is not None for label in labels])
    pool_labelled = np.array([label is not None for label in pool_labels])
    available = int(pool_labelled.sum()) - leave_one_out
    if not labelled.any() or available < 1:
        return unlabelled
    queries, names = descriptors[labelled], np.array([label for label in labels if label is not None])
    known = None if leave_one_out else pool[pool_labelled]
    known_names = np.array([label for label in pool_labels if label is not None])
    if not (labelled.all() and pool_labelled.all()):
        among = queries if known is None else known
        neighbours = nearest(queries, among, min(DEPTH, available), leave_one_out=leave_one_out)
    retrieval = retrieval_metrics(queries, names, known, None if leave_one_out else known_names)
    means, intervals = retrieval.means(), retrieval.intervals()
    correct = (vote(neighbours.indices[:, :K], known_names) == names).astype(np.float64)
    classes = sorted({*names.tolist(), *known_names.tolist()})
    confusion = retrieval_confusion(neighbours.indices, names, known_names, classes)
    return replace(
        unlabelled,
        knn_score=float(correct.mean()),
        metrics={name: means[name] for name in METRICS},
        intervals={name: intervals[name] for name in METRICS if name in intervals} | {"knn_score": bootstrap_share(correct)},
        excluded=retrieval.excluded,
        classes=classes,
        confusion=confusion,
        confused=most_confused(confusion, classes),
    )
