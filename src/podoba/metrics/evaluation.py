"""Every score of a set of descriptors, in one object."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from podoba.arrays import Floats, Images
from podoba.metrics.confusion import Confused, Matrix, most_confused, retrieval_confusion
from podoba.metrics.intervals import bootstrap_share
from podoba.metrics.knn import K, vote
from podoba.metrics.retrieval import retrieval_metrics
from podoba.progress import OnProgress, silent
from podoba.ranking.exact import Neighbours, nearest

DEPTH = 10  # neighbours of each query, and so of the confusion matrix
METRICS = ("recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr")


@dataclass(frozen=True)
class Evaluation:
    """The scores of descriptors.

    Attributes:
        queries, gallery: how many images searched, and how many were searched among.
        dim: numbers of a descriptor.
        neighbours: of all queries, the nearest `DEPTH`, or as many as one of them can find.
        knn_score: of the K = 5 nearest, over the queries that have any; None without labels.
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
    *,
    images: Images | None = None,
    on_progress: OnProgress = silent,
) -> Evaluation:
    """Score descriptors by what they retrieve. Images without a label are neighbours, but count in no score.

    Args:
        descriptors: float32 (Q, D), unit length, of the queries.
        labels: (Q,), the class of each query; None where unknown.
        gallery: float32 (G, D), unit length, with labels (G,); None: the queries themselves.
        images: a query does not find rows of its own image, which may be several; None: no two rows are one image, but that
            without a gallery a query does not find its own row (leave-one-out).

    Raises:
        ValueError: no image to find, a gallery without labels of its own, or descriptors that are not finite.
    """
    if (gallery is None) != (gallery_labels is None):
        raise ValueError("a gallery and its labels go together: give both or neither")
    pool = descriptors if gallery is None else gallery
    pool_labels = labels if gallery_labels is None else gallery_labels
    for name, values in (("queries", descriptors), ("gallery", pool)):
        wrong = int((~np.isfinite(values).all(axis=1)).sum())
        if wrong:
            raise ValueError(f"{wrong} of the {len(values)} descriptors of the {name} are not finite numbers")
    if images is None:
        rows = np.arange(len(descriptors))
        images = (rows, rows) if gallery is None else (np.full(len(descriptors), -1), np.arange(len(pool)))
    neighbours = _nearest(descriptors, pool, images)
    if not (neighbours.indices >= 0).any():
        raise ValueError("no image to find: the gallery has none but the queries themselves")
    unlabelled = Evaluation(len(descriptors), len(pool), int(descriptors.shape[1]), neighbours)
    labelled = np.array([label is not None for label in labels])
    pool_labelled = np.array([label is not None for label in pool_labels])
    if not labelled.any() or not pool_labelled.any():
        return unlabelled
    queries, names = descriptors[labelled], np.array([label for label in labels if label is not None])
    known, known_names = pool[pool_labelled], np.array([label for label in pool_labels if label is not None])
    images = images[0][labelled], images[1][pool_labelled]
    if not (labelled.all() and pool_labelled.all()):
        neighbours = _nearest(queries, known, images)
    finding = neighbours.indices[:, 0] >= 0
    if not finding.any():
        return unlabelled
    retrieval = retrieval_metrics(queries, names, known, known_names, images=images, on_progress=on_progress)
    means, intervals = retrieval.means(), retrieval.intervals()
    correct = (vote(neighbours.indices[finding, :K], known_names) == names[finding]).astype(np.float64)
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


def _nearest(queries: Floats, gallery: Floats, images: Images) -> Neighbours:
    """The nearest `DEPTH` of each query, or as many as the one that can find most of them finds, but one column at least."""
    neighbours = nearest(queries, gallery, min(DEPTH, len(gallery)), images=images)
    width = max(1, int((neighbours.indices >= 0).sum(axis=1).max(initial=0)))
    return Neighbours(neighbours.indices[:, :width], neighbours.similarities[:, :width])
