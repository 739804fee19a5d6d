"""Settings searched instead of tried one by one: Optuna's TPE, judged on held-out training images."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from podoba.errors import require
from podoba.progress import OnProgress
from podoba.runs.history import Epoch
from podoba.runs.run_folder import RunFolder
from podoba.study.cells import Ended, Stopped, run_cell
from podoba.study.folder import CELLS, PLAN, STOPPED, Study, load_study, read_cell, remember, write_results, writing
from podoba.study.grid import Point, Task, task_of
from podoba.study.plan import Plan, Range, Search, write_plan
from podoba.study.run import OnCell, check_folder

LOG = "search.log"
STARTUP = 4  # trials of the same loss before any is stopped early
WARMUP = 2  # epochs that every trial gets


def run_search(
    plan: Plan,
    folder: Path,
    *,
    resume: bool = False,
    on_cell: OnCell | None = None,
    on_progress: OnProgress | None = None,
) -> Study:
    """Run the trials of a plan's search, then train the best settings under every seed, with the test images.

    The trials never see the test images: they are judged by the validation loss or by the KNN score of held-out images.
    Each trial depends on the seed and on the trials before alone, so a search that was killed goes on as if it had not been.

    Raises:
        SettingsError, SourceError: as `run_study`.
        TrainingError: an unfinished study in the folder without `resume`.
    """
    with writing(folder):
        return _run_trials(plan, folder, resume, on_cell, on_progress)


def _run_trials(plan: Plan, folder: Path, resume: bool, on_cell: OnCell | None, on_progress: OnProgress | None) -> Study:
    optuna = require("optuna", "train")
    assert plan.search is not None
    search = plan.search
    check_folder(folder, resume)
    (folder / CELLS).mkdir(parents=True, exist_ok=True)
    write_plan(plan, folder / PLAN)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    higher = search.objective == "validation_knn_score"
    backend = optuna.storages.journal.JournalFileBackend(str(folder / LOG))
    study = optuna.create_study(
        storage=optuna.storages.JournalStorage(backend),
        study_name="podoba",
        direction="maximize" if higher else "minimize",
        load_if_exists=True,
    )
    fingerprints: dict[str, str] = {}
    judged_apart = plan.model_copy(update={"base": {**plan.base, "test": None}})
    total = search.trials + len(plan.seeds)
    found: list[Task] = []
    states = optuna.trial.TrialState
    for old in study.get_trials(deepcopy=False):
        if old.state == states.RUNNING:  # killed in the middle: the same values once more, its training goes on
            study.tell(old.number, state=states.FAIL)
            study.enqueue_trial(old.params)
        elif old.state.is_finished() and old.params and "key" in old.user_attrs:
            found.append(_task(judged_apart, old.params, len(found), fingerprints))
    while len(found) < search.trials:
        study.sampler = optuna.samplers.TPESampler(seed=plan.seeds[0] * 1000 + len(found))
        trial = study.ask()
        values = {key: _suggest(trial, key, range_) for key, range_ in search.ranges.items()}
        task = _task(judged_apart, values, len(found), fingerprints)
        found.append(task)
        remember(found, folder)
        end = run_cell(task, folder, on_progress, _pruner(trial, folder / CELLS / task.key) if search.pruning else None)
        value = _value(folder, task, search) if end.reason is None else None
        trial.set_user_attr("key", task.key)
        if value is not None:
            study.tell(trial, value)
        else:
            study.tell(
                trial,
                state=states.PRUNED if trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values else states.FAIL,
            )
        _tell(folder, on_cell, task, end, len(found), total)
    _train_best(plan, study, folder, found, fingerprints, on_cell, on_progress, total)
    return load_study(folder)


def _train_best(
    plan: Plan, study: Any, folder: Path, found: list[Task], fingerprints: dict[str, str],
    on_cell: OnCell | None, on_progress: OnProgress | None, total: int,
) -> None:  # fmt: skip
    complete = [trial for trial in study.get_trials(deepcopy=False) if trial.value is not None]
    if not complete:
        return
    params = dict(study.best_trial.params)
    (folder / "best.json").write_text(json.dumps({"settings": params, "value": study.best_value}, indent=2), encoding="utf-8")
    best = [task_of(plan, Point("best of the search", params, params), seed, fingerprints) for seed in plan.seeds]
    remember(found + best, folder)
    for i, task in enumerate(best):
        end = run_cell(task, folder, on_progress)
        _tell(folder, on_cell, task, end, len(found) + i + 1, total)


def _tell(folder: Path, on_cell: OnCell | None, task: Task, end: Ended, ended: int, total: int) -> None:
    write_results(load_study(folder))
    if on_cell is not None:
        on_cell(task, end, ended, total)


def _task(plan: Plan, values: Mapping[str, Any], number: int, fingerprints: dict[str, str]) -> Task:
    return task_of(plan, Point(f"trial {number + 1}", dict(values), dict(values)), plan.seeds[0], fingerprints)


def _suggest(trial: Any, key: str, told: Range) -> Any:
    if told.choices is not None:
        return trial.suggest_categorical(key, told.choices)
    if told.integer:
        return trial.suggest_int(key, int(told.low or 0), int(told.high or 0), log=told.log)
    return trial.suggest_float(key, told.low, told.high, log=told.log)


def _pruner(trial: Any, place: Path) -> Any:
    """Stops a training whose validation losses are all worse than the median of the trials before at the same epoch.

    Only trials of the same loss count: the values of another loss are on another scale.
    """
    best = float("inf")
    for row in RunFolder(place).read_history():  # epochs before it was killed count as if it had not been
        if row.validation_loss is not None:
            trial.report(row.validation_loss, row.epoch)
            best = min(best, row.validation_loss)

    def judge(row: Epoch) -> None:
        nonlocal best
        if row.validation_loss is None:
            return
        trial.report(row.validation_loss, row.epoch)
        best = min(best, row.validation_loss)
        before = [
            other.intermediate_values[row.epoch]
            for other in trial.study.get_trials(deepcopy=False)
            if other.value is not None and _loss(other) == _loss(trial) and row.epoch in other.intermediate_values
        ]
        if row.epoch >= WARMUP and len(before) >= STARTUP and best > median(before):
            raise Stopped(f"{STOPPED} at epoch {row.epoch}: validation loss {row.validation_loss:.4f} is worse than the median")

    return judge


def _loss(trial: Any) -> dict[str, Any]:
    return {key: value for key, value in trial.params.items() if key.startswith("loss")}


def _value(folder: Path, task: Task, search: Search) -> float | None:
    cell = read_cell(folder, task.key, task.point.name, task.point.values, task.seed, {})
    if cell.summary is None:
        return None
    return cell.summary.knn_score if search.objective == "validation_knn_score" else cell.summary.min_validation_loss
