"""Studies as far as they have come: their trainings, scores and losses."""

import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, NamedTuple

from podoba.errors import MissingExtra, PodobaError, TrainingError
from podoba.metrics.intervals import Estimate, estimate
from podoba.serve.library.places import short, told
from podoba.serve.library.settings import DEFAULT, LibrarySettings
from podoba.study.folder import Cell, Study, StudyFolder, Variant, load_study

State = Literal["done", "running", "unfinished", "damaged"]
REPORT = "report.html"
SCORES = ("knn_score", "recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr")
FIGURES = ("min_validation_loss", "best_epoch", "epochs", "seconds_per_epoch")


class Stamp(NamedTuple):
    """By what it is seen that something in the folder of a study has changed.

    Attributes:
        newest: when its newest file was written, in nanoseconds.
        files: how many of those that count are there.
    """

    newest: int
    files: int


def stamp_of(folder: Path) -> Stamp:
    """The stamp of a study's folder, by a look at the files of its trainings."""
    times = list(_times(StudyFolder(folder)))
    return Stamp(max(times, default=0), len(times))


def outline(name: str, folder: Path, settings: LibrarySettings = DEFAULT) -> dict[str, Any]:
    """What the list says of a study; one that cannot be read is `damaged`, and nothing else is known of it."""
    stamp = stamp_of(folder)
    known = {"name": name, "changed": _moment(stamp.newest), "report": (folder / REPORT).is_file()}
    try:
        study = _loaded(folder, stamp)
    except PodobaError:
        return known | {"title": name, "description": "", "state": "damaged", "variants": 0, **_counts([])}
    return known | {
        "title": study.plan.title,
        "description": study.plan.description,
        "state": _state(study, stamp, settings),
        "variants": len(study.variants),
        **_counts(study.cells),
    }


def details(name: str, folder: Path, show_paths: bool, settings: LibrarySettings = DEFAULT) -> dict[str, Any]:
    """Everything about a study. Raises `PodobaError` where it cannot be read."""
    study = _loaded(folder, stamp_of(folder))
    return outline(name, folder, settings) | {
        "scores": [score for score in (*SCORES, *FIGURES) if any(score in _values(cell) for cell in study.cells)],
        "rows": [_row(variant, show_paths) for variant in study.variants],
        "curves": [_curve(cell, place) for place, variant in enumerate(study.variants) for cell in variant.cells if cell.history],
    }


def _times(files: StudyFolder) -> Iterator[int]:
    runs = files.cell_list.parent
    try:
        names = [entry.name for entry in os.scandir(runs) if entry.is_dir()]
    except OSError:  # reading the study says what is wrong
        names = []
    cells = (path for run in map(files.run, names) for path in (run.history, run.summary, run.error))
    for path in (files.plan, files.cell_list, files.results, files.path / REPORT, *cells):
        try:
            yield path.stat().st_mtime_ns
        except OSError:
            continue


@lru_cache(maxsize=DEFAULT.studies_kept)
def _loaded(folder: Path, stamp: Stamp) -> Study:
    """The study as it was at a stamp: with another stamp it is read again."""
    try:
        return load_study(folder)
    except OSError as error:
        raise TrainingError(f"{error.filename or folder}: {error.strerror or error}: check who may read it") from error


def _counts(cells: Sequence[Cell]) -> dict[str, int]:
    statuses = [_status(cell) for cell in cells]
    return {"cells": len(cells)} | {status: statuses.count(status) for status in ("done", "failed", "stopped", "pending")}


def _status(cell: Cell) -> str:
    return "stopped" if cell.stopped else cell.status


def _state(study: Study, stamp: Stamp, settings: LibrarySettings) -> State:
    if study.cells and all(cell.status != "pending" for cell in study.cells):
        return "done"
    return "running" if time.time() - stamp.newest / 1e9 < settings.quiet else "unfinished"


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="seconds")


def _row(variant: Variant, show_paths: bool) -> dict[str, Any]:
    """A variant: its trainings, and the mean of each of their scores."""
    done = [_values(cell) for cell in variant.cells if cell.status == "done"]
    values = {score: [found[score] for found in done if score in found] for score in (*SCORES, *FIGURES)}
    return {
        "name": _name(variant, show_paths),
        "cells": [_training(cell, show_paths) for cell in variant.cells],
        "means": {score: _mean(found) for score, found in values.items() if found},
        "values": {score: found for score, found in values.items() if found},
    }


def _name(variant: Variant, show_paths: bool) -> str:
    """The name of a variant: values of its axes that are places are told by their last part."""
    return ", ".join(short(part, show_paths) for part in variant.name.split(", "))


def _training(cell: Cell, show_paths: bool) -> dict[str, Any]:
    reason = told(cell.reason, show_paths)
    return {
        "key": cell.key,
        "seed": cell.seed,
        "status": _status(cell),
        "epochs": len(cell.history),
        "planned": cell.settings["epochs"],
        "reason": reason,
        "reason_withheld": cell.reason is not None and reason is None,
    }


def _values(cell: Cell) -> dict[str, float]:
    """The scores and figures of a training that is done; those that are not known are left out."""
    summary = {} if cell.summary is None else asdict(cell.summary)
    found = {score: cell.evaluation.get(score, summary.get(score)) for score in (*SCORES, *FIGURES)}
    return {score: value for score, value in found.items() if value is not None and math.isfinite(value)}


def _mean(values: Sequence[float]) -> dict[str, float | int | None]:
    """The mean of the seeds with Student's interval, which is left out where scipy is not installed."""
    try:
        mean = estimate(values)
    except MissingExtra:
        mean = Estimate(fmean(values), len(values))
    return {"m": mean.mean, "l": mean.low, "h": mean.high, "n": mean.n}


def _curve(cell: Cell, place: int) -> dict[str, Any]:
    """The losses of a training, epoch by epoch; `variant` is the place of its variant."""
    return {
        "variant": place,
        "seed": cell.seed,
        "epochs": [row.epoch for row in cell.history],
        "training": [_finite(row.training_loss) for row in cell.history],
        "validation": [_finite(row.validation_loss) for row in cell.history],
        "best": None if cell.summary is None else cell.summary.best_epoch or None,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
