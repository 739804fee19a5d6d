"""The results of a study as a table: `results.csv`, one row a training."""

import csv
from pathlib import Path

from podoba.files import replacing
from podoba.study.folder import Study, StudyFolder

SUMMARY = (
    "knn_score", "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch", "best_epoch",
    "epochs", "seconds_per_epoch", "total_seconds", "parameters", "trainable_parameters",
)  # fmt: skip
METRICS = ("recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr", "dim")


def write_results(study: Study) -> Path:
    """Write a row for each cell, atomically: its variant, value on every axis, seed, status, summary, metrics, why it failed.

    Returns:
        The file.

    Raises:
        OSError: it cannot be written.
    """
    axes = list(dict.fromkeys(axis for variant in study.variants for axis in variant.values))
    path = StudyFolder(study.folder).results
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["variant", *axes, "seed", "status", *SUMMARY, *METRICS, "reason", "cell"])
        for cell in study.cells:
            summary = {} if cell.summary is None else cell.summary.to_json()
            writer.writerow(
                [cell.name, *(cell.values.get(axis, "") for axis in axes), cell.seed, cell.status]
                + [summary.get(field, "") for field in SUMMARY]
                + [cell.evaluation.get(metric, "") for metric in METRICS]
                + [cell.reason or "", cell.key]
            )
    return path
