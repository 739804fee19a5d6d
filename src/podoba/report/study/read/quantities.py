"""What is measured of a finished cell: the numbers that tables show and claims are tested on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from podoba.images.split import balanced_subset
from podoba.metrics.separation import separation
from podoba.runs.history import Epoch
from podoba.runs.retrieval_results import RetrievalResults
from podoba.study.folder import Cell

SAMPLE = 2000  # test images whose distances are measured: the numbers of more differ by less than is shown
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


def of_history(history: Sequence[Epoch], common_epochs: int) -> dict[str, float]:
    """Overfitting and speed of learning, from the losses of each epoch.

    `gap_last` and `gap_best` are validation - training loss at the last epoch and at that of the least validation loss;
    `relative_gap` is `gap_last` as a share of the validation loss, so that losses of different scales compare;
    `validation_rise` is how far the validation loss stands over its least value in the end, as a share of that;
    `log_training_loss` is taken at the epoch `common_epochs`, the last one that every run of the study reached.
    """
    values: dict[str, float] = {"total_seconds": sum(row.seconds for row in history)}
    at_common = history[min(common_epochs, len(history)) - 1].training_loss
    if at_common > 0:
        values["log_training_loss"] = float(np.log(at_common))
    validated = [(row, row.validation_loss) for row in history if row.validation_loss is not None]
    if not validated:
        return values
    last, last_loss = validated[-1]
    best, best_loss = min(validated, key=lambda pair: pair[1])
    values["gap_last"] = last_loss - last.training_loss
    values["gap_best"] = best_loss - best.training_loss
    if last_loss > 0:
        values["relative_gap"] = values["gap_last"] / last_loss
    if best_loss > 0:
        values["validation_rise"] = last_loss / best_loss - 1
    return values


def of_summary(cell: Cell) -> dict[str, float]:
    """What the run wrote down of itself: losses, epochs, scores, sizes."""
    values: dict[str, float] = {}
    for key in FROM_SUMMARY:
        value = getattr(cell.summary, key, None)
        if value is not None:
            values[key] = float(value)
    for key in FROM_EVALUATION:
        value = cell.evaluation.get(key)
        if isinstance(value, int | float):
            values[key] = float(value)
    if "dim" in values:
        values["descriptor_bytes"] = 4 * values["dim"]
    return values


def of_descriptors(results: RetrievalResults) -> dict[str, float]:
    """Separation of the classes on at most `SAMPLE` test images, drawn evenly from the classes."""
    rows = sample_rows(results.query_labels)
    queries = unit(results.queries[rows])
    values = asdict(separation(queries, results.query_labels[rows]))
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


def result_counts(results: RetrievalResults) -> Counts:
    """How many results of each class the queries of each class got, int64 (C, C); what is unlabelled is left out."""
    c = len(results.classes)
    retrieved = results.gallery_labels[results.indices]
    queries = np.broadcast_to(results.query_labels[:, None], retrieved.shape)
    known = (queries >= 0) & (retrieved >= 0)
    return np.bincount(queries[known] * c + retrieved[known], minlength=c * c).reshape(c, c)


def of_results(counts: Counts, look_alike: Counts) -> dict[str, float]:
    """The share of wrong results that no resemblance of two classes explains; nothing where there are no results.

    `unrelated_share` is the share of results that are neither of the query's class nor of its look-alike, the class that all
    runs of the study together confuse it with most. Of two classes there is no look-alike to leave out.

    Args:
        counts: int64 (C, C), of `result_counts`.
        look_alike: int64 (C,), from `look_alikes`.
    """
    total = counts.sum()
    if not total:
        return {}
    related = np.trace(counts)
    if len(counts) > 2:
        related = related + counts[np.arange(len(counts)), look_alike].sum()
    return {"unrelated_share": float(1 - related / total)}


def look_alikes(pooled: Counts) -> Counts:
    """For each class the other class that its queries retrieve most often, int64 (C,)."""
    off = pooled.copy()
    np.fill_diagonal(off, -1)
    alike: Counts = off.argmax(axis=1)
    return alike
