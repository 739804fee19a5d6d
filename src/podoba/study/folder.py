"""A study on disk: its plan, a run folder for each training, and how far they have come. No torch here."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from podoba.errors import TrainingError
from podoba.files import write_json
from podoba.runs.history import Epoch
from podoba.runs.retrieval_results import RetrievalResults
from podoba.runs.run_folder import FolderFile, RunFolder
from podoba.runs.summary import RunSummary
from podoba.study.plan import Plan, load_plan
from podoba.study.task import Task

PRUNED = "stopped by the search"  # begins the reason of a trial that a search ended early
Status = Literal["done", "failed", "pending"]


@dataclass(frozen=True)
class StudyFolder:
    """The folder of a study, which need not exist yet: the only place that knows the names of its files.

    Attributes:
        path: the folder.
    """

    path: Path

    plan = FolderFile("plan.yaml")  # what the study was asked for
    cell_list = FolderFile("cells", "cells.json")  # which trainings make up the study, in order
    results = FolderFile("results.csv")  # one row a training
    trials = FolderFile("search.log")  # the trials of a search, as Optuna writes them
    best_settings = FolderFile("best.json")  # the best settings that a search found

    @property
    def exists(self) -> bool:
        """Whether there is a study in the folder."""
        return self.plan.exists()

    def run(self, key: str) -> RunFolder:
        """The run folder of a training."""
        return RunFolder(self.path / "cells" / key)


@dataclass(frozen=True)
class Cell:
    """One training of a study.

    Attributes:
        key: name of its folder, made of its settings and images.
        name: of its variant.
        values: its value on every axis.
        seed: of the training.
        settings: plain values, as the plan gives them.
        folder: its run folder.
        reason: why it failed.
        summary: what the training came to; None where it is not done.
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
        return self.status == "failed" and (self.reason or "").startswith(PRUNED)

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

    @property
    def cells(self) -> list[Cell]:
        """All trainings, variant by variant."""
        return [cell for variant in self.variants for cell in variant.cells]


def load_study(folder: Path) -> Study:
    """The study of a folder, finished or not.

    Raises:
        TrainingError: no study in the folder, or a damaged file of a cell.
        SettingsError: a plan that is not understood.
    """
    files = StudyFolder(folder)
    if not files.exists:
        raise TrainingError(
            f"{folder}: no study here ({files.plan.name} is missing): make one with `podoba study PLAN --out {folder}`"
        )
    plan = load_plan(files.plan)
    variants: dict[str, Variant] = {}
    for row in _read_cell_list(files.cell_list):
        cell = read_cell(folder, **row)
        variants.setdefault(cell.name, Variant(cell.name, cell.values, [])).cells.append(cell)
    return Study(folder, plan, list(variants.values()))


def write_cell_list(tasks: Sequence[Task], folder: Path) -> None:
    """Write which trainings make up the study, in order, atomically: keys depend on images that may be removed later."""
    rows = [
        {"key": task.key, "name": task.point.name, "values": task.point.values, "seed": task.seed,
         "settings": task.settings.model_dump(mode="json")}
        for task in tasks
    ]  # fmt: skip
    path = StudyFolder(folder).cell_list
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, rows)


def _read_cell_list(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        if any(set(row) != {"key", "name", "values", "seed", "settings"} for row in rows):
            raise ValueError("a row has other keys")
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path}: damaged ({error}): delete this file and give `podoba study` again") from error
    return rows


def read_cell(folder: Path, key: str, name: str, values: dict[str, Any], seed: int, settings: dict[str, Any]) -> Cell:
    """A cell as far as it has come. Raises `TrainingError` where a file of it is damaged."""
    run = StudyFolder(folder).run(key)
    status = status_of(run)
    if status != "done":
        reason = run.error.read_text(encoding="utf-8").strip() if status == "failed" else None
        return Cell(key, name, values, seed, settings, run.path, status, reason, None, run.read_history(), {}, {})
    summary, history = run.read_summary(), run.read_history()
    evaluation, environment = run.read_evaluation(), run.read_environment()
    return Cell(key, name, values, seed, settings, run.path, status, None, summary, history, evaluation, environment)


def status_of(run: RunFolder) -> Status:
    """How far the training of a run folder has come."""
    if run.finished:
        return "done"
    return "failed" if run.error.exists() else "pending"


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
