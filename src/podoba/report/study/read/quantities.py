"""What is measured of a finished cell: the numbers that tables show and claims are tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from podoba.images.split import balanced_subset
from podoba.metrics.separation import separation
from podoba.runs.history import Epoch
from podoba.runs.retrieval_results import RetrievalResults
from podoba.study.folder import Cell

SAMPLE = 2000  # test images whose distances are measured; all pairs of more tell nothing else
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Quantity:
    """A number measured of every run; its name in words is the text `quantity.<key>`.

    Attributes:
        digits: decimal places worth showing.
        best: which end is better, where one is.
    """

    key: str
    digits: int | None = 4
    best: Literal["high", "low"] | None = None


QUANTITIES = {
    q.key: q
    for q in (
        Quantity("knn_score", 4, "high"),
        Quantity("recall@1", 4, "high"),
        Quantity("recall@10", 4, "high"),
        Quantity("map@r", 4, "high"),
        Quantity("min_validation_loss", 4, "low"),
        Quantity("min_validation_epoch", 1),
        Quantity("min_training_loss", 4, "low"),
        Quantity("min_training_epoch", 1),
        Quantity("seconds_per_epoch", 2, "low"),
        Quantity("total_seconds", 1, "low"),
        Quantity("gap_best", 4),
        Quantity("gap_last", 4),
        Quantity("relative_gap", 4, "low"),
        Quantity("validation_rise", 4, "low"),
        Quantity("log_training_loss", 4),
        Quantity("within", 4),
        Quantity("between", 4),
        Quantity("ratio", 4, "low"),
        Quantity("silhouette", 4, "high"),
        Quantity("alignment", 4),
        Quantity("uniformity", 4),
        Quantity("unrelated_share", 4, "low"),
        Quantity("other_kind_share", 4, "low"),
        Quantity("truck_to_automobile_lead", 4),
        Quantity("truck_automobile_asymmetry", 4),
        Quantity("cat_dog_lead", 4),
        Quantity("parameters", None),
        Quantity("trainable_parameters", None),
        Quantity("dim", None),
        Quantity("descriptor_bytes", None, "low"),
    )
}
FROM_SUMMARY = (
    "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch", "seconds_per_epoch",
    "parameters", "trainable_parameters",
)  # fmt: skip
FROM_EVALUATION = ("knn_score", "recall@1", "recall@10", "map@r", "dim")

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
VEHICLES = frozenset({"airplane", "automobile", "ship", "truck"})


def of_history(history: Sequence[Epoch], common_epochs: int) -> dict[str, float]:
    """Overfitting and speed of learning, from the losses of each epoch.

    `gap_last` and `gap_best` are validation - training loss at the last epoch and at that of the least validation loss;
    `relative_gap` is `gap_last` as a share of the validation loss, so that losses of different scales compare;
    `validation_rise` is how far the validation loss stands over its least value in the end, as a share of that;
    `log_training_loss` is taken at the epoch `common_epochs`, the last one that every run of the study reached.
    """
    found: dict[str, float] = {"total_seconds": sum(row.seconds for row in history)}
    at_common = history[min(common_epochs, len(history)) - 1].training_loss
    if at_common > 0:
        found["log_training_loss"] = float(np.log(at_common))
    judged = [(row, row.validation_loss) for row in history if row.validation_loss is not None]
    if not judged:
        return found
    last, last_loss = judged[-1]
    best, best_loss = min(judged, key=lambda pair: pair[1])
    found["gap_last"] = last_loss - last.training_loss
    found["gap_best"] = best_loss - best.training_loss
    if last_loss > 0:
        found["relative_gap"] = found["gap_last"] / last_loss
    if best_loss > 0:
        found["validation_rise"] = last_loss / best_loss - 1
    return found


def of_summary(cell: Cell) -> dict[str, float]:
    """What the run itself wrote down: losses, epochs, scores, sizes."""
    found: dict[str, float] = {}
    for key in FROM_SUMMARY:
        value = getattr(cell.summary, key, None)
        if value is not None:
            found[key] = float(value)
    for key in FROM_EVALUATION:
        value = cell.evaluation.get(key)
        if isinstance(value, int | float):
            found[key] = float(value)
    if "dim" in found:
        found["descriptor_bytes"] = 4 * found["dim"]
    return found


def of_descriptors(judged: RetrievalResults) -> dict[str, float]:
    """Separation of the classes on at most `SAMPLE` test images, drawn evenly from the classes."""
    rows = sample_rows(judged.query_labels)
    queries = unit(judged.queries[rows])
    values = separation(queries, judged.query_labels[rows]).to_json()
    return {key: value for key, value in values.items() if value is not None}


def sample_rows(labels: NDArray[np.int64], most: int = SAMPLE) -> NDArray[np.int64]:
    """At most so many labelled rows, even over the classes, the same ones each time."""
    labelled = np.flatnonzero(labels >= 0)
    return labelled[balanced_subset([str(label) for label in labels[labelled]], most, 0)]


def unit(descriptors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Descriptors (N, D) kept in half precision, float32 and of unit length again."""
    full = descriptors.astype(np.float32)
    lengths = np.linalg.norm(full, axis=1, keepdims=True)
    divided: NDArray[np.float32] = full / np.maximum(lengths, 1e-12)
    return divided


def result_counts(judged: RetrievalResults) -> Counts:
    """How many results of each class the queries of each class got, int64 (C, C); what is unlabelled is left out."""
    c = len(judged.classes)
    found = judged.gallery_labels[judged.indices]
    asked = np.broadcast_to(judged.query_labels[:, None], found.shape)
    known = (asked >= 0) & (found >= 0)
    return np.bincount(asked[known] * c + found[known], minlength=c * c).reshape(c, c)


def of_results(counts: Counts, classes: Sequence[str], look_alike: Counts) -> dict[str, float]:
    """What wrong results are of.

    `unrelated_share` is the share of results that are neither of the query's class nor of its look-alike, the class that all
    runs of the study together confuse it with most; on CIFAR-10 `other_kind_share` is the share of animals among the results
    of vehicles and of vehicles among those of animals, and three numbers say how trucks, automobiles, cats and dogs are confused.

    Args:
        counts: int64 (C, C), of `result_counts`.
        look_alike: int64 (C,), from `look_alikes`.
    """
    total = counts.sum()
    if not total:
        return {}
    related = np.trace(counts)
    if len(classes) > 2:
        related = related + counts[np.arange(len(classes)), look_alike].sum()
    found = {"unrelated_share": float(1 - related / total)}
    if tuple(classes) == CIFAR10:
        found |= _of_cifar(counts)
    return found


def look_alikes(pooled: Counts) -> Counts:
    """For each class the other class that its queries retrieve most often, int64 (C,)."""
    off = pooled.copy()
    np.fill_diagonal(off, -1)
    found: Counts = off.argmax(axis=1)
    return found


def _of_cifar(counts: Counts) -> dict[str, float]:
    vehicle = np.array([name in VEHICLES for name in CIFAR10])
    place = {name: i for i, name in enumerate(CIFAR10)}
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def lead(query: str, retrieved: str) -> float:
        row = shares[place[query]].copy()
        mine = row[place[retrieved]]
        row[[place[query], place[retrieved]]] = 0
        return float(mine - row.max())

    return {
        "other_kind_share": float(counts[vehicle[:, None] != vehicle].sum() / counts.sum()),
        "truck_to_automobile_lead": lead("truck", "automobile"),
        "truck_automobile_asymmetry": float(
            shares[place["truck"], place["automobile"]] - shares[place["automobile"], place["truck"]]
        ),
        "cat_dog_lead": min(lead("cat", "dog"), lead("dog", "cat")),
    }
