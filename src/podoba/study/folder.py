"""A study on disk: its plan, a run folder a cell, and what the cells came to."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from podoba.errors import TrainingError
from podoba.files import replacing, write_json
from podoba.runs.history import Epoch
from podoba.runs.retrieval_results import RetrievalResults
from podoba.runs.run_folder import RunFolder
from podoba.runs.summary import RunSummary
from podoba.study.grid import Task
from podoba.study.plan import Plan, load_plan

STOPPED = "stopped by the search"  # begins the reason of such a training
_ROW = {"key", "name", "values", "seed", "settings"}  # of a cell in cells.json
Status = Literal["done", "failed", "pending"]
PLAN, CELLS, RESULTS = "plan.yaml", "cells", "results.csv"


@dataclass(frozen=True)
class Cell:
    """One training of a study.

    Attributes:
        key: name of its folder, made of its settings and images.
        name: of its variant.
        values: its value on every axis.
        settings: as told, plain values.
        reason: why it failed.
        history: the epochs so far, also of a training that failed or was stopped.
        evaluation, environment: the run's JSON files; empty where it is not done.
    """

    key: str
    name: str
    values: dict[str, Any]
    seed: int
    settings: dict[str, Any]
    folder: Path
    status: Status
    reason: str | None
    summary: RunSummary | None
    history: list[Epoch]
    evaluation: dict[str, Any]
    environment: dict[str, Any]

    @property
    def stopped(self) -> bool:
        """Whether a search ended it early on purpose, which is no failure."""
        return self.status == "failed" and (self.reason or "").startswith(STOPPED)

    def retrieval_results(self) -> RetrievalResults | None:
        """What its queries found; None where it is not done or had nothing to be judged on. Raises `TrainingError`."""
        return RunFolder(self.folder).read_retrieval_results() if self.status == "done" else None


@dataclass(frozen=True)
class Variant:
    """The seeds of one point of the grid."""

    name: str
    values: dict[str, Any]
    cells: list[Cell]


@dataclass(frozen=True)
class Study:
    """A study as far as it has come."""

    folder: Path
    plan: Plan
    variants: list[Variant]


def load_study(folder: Path) -> Study:
    """The study of a folder, finished or not.

    Raises:
        TrainingError: no study in the folder, or a damaged file of a cell.
        SettingsError: a plan that is not understood.
    """
    if not (folder / PLAN).exists():
        raise TrainingError(f"{folder}: no study here ({PLAN} is missing): make one with `podoba study PLAN --out {folder}`")
    plan = load_plan(folder / PLAN)
    # Names are kept beside the cells: the images may be gone by now, and with them the keys.
    variants: dict[str, Variant] = {}
    for row in _remembered(folder / CELLS / "cells.json"):
        cell = read_cell(folder, **row)
        variants.setdefault(cell.name, Variant(cell.name, cell.values, [])).cells.append(cell)
    return Study(folder, plan, list(variants.values()))


def _remembered(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        if any(set(row) != _ROW for row in rows):
            raise ValueError("a row has other keys")
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path}: damaged ({error}): delete this file and give `podoba study` again") from error
    return rows


def remember(found: list[Task], folder: Path) -> None:
    """Write which cells make up the study, in order."""
    rows = [
        {"key": task.key, "name": task.point.name, "values": task.point.values, "seed": task.seed,
         "settings": task.settings.model_dump(mode="json")}
        for task in found
    ]  # fmt: skip
    (folder / CELLS).mkdir(parents=True, exist_ok=True)
    write_json(folder / CELLS / "cells.json", rows)


def read_cell(folder: Path, key: str, name: str, values: dict[str, Any], seed: int, settings: dict[str, Any]) -> Cell:
    """A cell as far as it has come. Raises `TrainingError` where a file of it is damaged."""
    place = folder / CELLS / key
    run, status = RunFolder(place), status_of(place)
    if status != "done":
        reason = run.error.read_text(encoding="utf-8").strip() if status == "failed" else None
        return Cell(key, name, values, seed, settings, place, status, reason, None, run.read_history(), {}, {})
    summary, history = run.read_summary(), run.read_history()
    evaluation, environment = run.read_evaluation(), run.read_environment()
    return Cell(key, name, values, seed, settings, place, status, None, summary, history, evaluation, environment)


def status_of(place: Path) -> Status:
    """How far the cell of a folder has come; the summary is the last that a training writes."""
    run = RunFolder(place)
    if run.finished:
        return "done"
    return "failed" if run.error.exists() else "pending"


def write_results(study: Study) -> Path:
    """One row a cell: values of the axes, seed, what it came to."""
    axes = list(dict.fromkeys(axis for variant in study.variants for axis in variant.values))
    fields = [
        "knn_score", "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch", "best_epoch",
        "epochs", "seconds_per_epoch", "total_seconds", "parameters", "trainable_parameters",
    ]  # fmt: skip
    metrics = ["recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr", "dim"]
    path = study.folder / RESULTS
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["variant", *axes, "seed", "status", *fields, *metrics, "reason", "cell"])
        for variant in study.variants:
            for cell in variant.cells:
                told = vars(cell.summary) if cell.summary else {}
                writer.writerow(
                    [cell.name, *(cell.values.get(axis, "") for axis in axes), cell.seed, cell.status]
                    + [told.get(field, "") for field in fields]
                    + [cell.evaluation.get(metric, "") for metric in metrics]
                    + [cell.reason or "", cell.key]
                )
    return path


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns a full disk, or a file that cannot be read or written, into `TrainingError`: what is finished is kept."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise TrainingError(
            f"{place}: {error.strerror or error}: what is finished is kept; make room or choose another --out, and give the "
            "command again with --resume"
        ) from error
