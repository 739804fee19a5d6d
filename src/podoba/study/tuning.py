"""Settings searched instead of tried one by one: Optuna's TPE, judged on held-out training images.

Bergstra, Bardenet, Bengio, Kégl, "Algorithms for hyper-parameter optimization" (2011); trials are pruned by the median of those
before, as in Golovin et al., "Google Vizier" (2017).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from podoba.errors import require
from podoba.files import write_json
from podoba.progress import OnProgress
from podoba.runs.history import Epoch
from podoba.runs.settings_file import write_yaml
from podoba.study.cells import TrialPruned, run_cell
from podoba.study.folder import PRUNED, Study, StudyFolder, load_study, read_cell, write_cell_list, writing
from podoba.study.grid import task_of
from podoba.study.plan import Plan, Range, Search
from podoba.study.results import write_results
from podoba.study.run import OnCell, check_folder
from podoba.study.task import Point, Task


@dataclass(frozen=True)
class Pruning:
    """When a trial is ended early, where the plan allows it.

    Attributes:
        trials: of the same loss that there must be before any is ended.
        epochs: that every trial gets.
    """

    trials: int = 4
    epochs: int = 2


def run_search(
    plan: Plan,
    folder: Path,
    *,
    resume: bool = False,
    on_cell: OnCell | None = None,
    on_progress: OnProgress | None = None,
    pruning: Pruning = Pruning(),
) -> Study:
    """Run the trials of a plan's search, then train the best settings under every seed, with the test images.

    The trials never see the test images: they are judged by the validation loss or by the KNN score of held-out images.
    Each trial depends on the seed and on the trials before alone, so a search that was killed goes on as if it had not been.

    Args:
        resume: go on with a search that was stopped.
        on_cell: called with each training that ended, and how many of how many have.
        on_progress: called with the stage of the training under way, steps done and in all.

    Raises:
        SettingsError, SourceError: as `run_study`.
        TrainingError: an unfinished study in the folder without `resume`.
    """
    assert plan.search is not None
    total = plan.search.trials + len(plan.seeds)

    def finish(task: Task, reason: str | None, ended: int) -> None:
        write_results(load_study(folder))
        if on_cell is not None:
            on_cell(task, reason, ended, total)

    with writing(folder):
        check_folder(folder, resume)
        files = StudyFolder(folder)
        files.cell_list.parent.mkdir(parents=True, exist_ok=True)
        write_yaml(plan, files.plan)
        trials = _Trials(plan, plan.search, files, pruning)
        while len(trials.tasks) < plan.search.trials:
            task, reason = trials.run_next(on_progress)
            finish(task, reason, len(trials.tasks))
        for i, task in enumerate(trials.best_tasks(), 1):
            finish(task, run_cell(task, folder, on_progress), len(trials.tasks) + i)
        return load_study(folder)


class _Trials:
    """The trials of a search, as far as Optuna's log has them.

    Attributes:
        tasks: of the trials that ended, in order.
    """

    def __init__(self, plan: Plan, search: Search, files: StudyFolder, pruning: Pruning) -> None:
        self.tasks: list[Task] = []
        self._plan, self._search, self._files, self._pruning = plan, search, files, pruning
        self._held_out = plan.model_copy(update={"base": {**plan.base, "test": None}})
        self._fingerprints: dict[str, str] = {}
        self._optuna = optuna = require("optuna", "train")
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(
            storage=optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(files.trials))),
            study_name="podoba",
            direction="maximize" if search.objective == "validation_knn_score" else "minimize",
            load_if_exists=True,
        )
        for trial in self._study.get_trials(deepcopy=False):
            if (
                trial.state == optuna.trial.TrialState.RUNNING
            ):  # killed in the middle: the same values again, its training goes on
                self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
                self._study.enqueue_trial(trial.params)
            elif trial.state.is_finished() and trial.params and "key" in trial.user_attrs:
                self.tasks.append(self._task(trial.params))

    def run_next(self, on_progress: OnProgress | None) -> tuple[Task, str | None]:
        """Draw settings, train with them, and tell Optuna what came of it."""
        states = self._optuna.trial.TrialState
        # A sampler for each trial, so that what it draws does not depend on when the search was stopped.
        self._study.sampler = self._optuna.samplers.TPESampler(seed=self._plan.seeds[0] * 1000 + len(self.tasks))
        trial = self._study.ask()
        task = self._task({key: _suggest(trial, key, range_) for key, range_ in self._search.ranges.items()})
        self.tasks.append(task)
        write_cell_list(self.tasks, self._files.path)
        on_epoch = _pruner(trial, self._files.run(task.key).read_history(), self._pruning) if self._search.pruning else None
        reason = run_cell(task, self._files.path, on_progress, on_epoch)
        value = self._value(task) if reason is None else None
        trial.set_user_attr("key", task.key)
        if value is not None:
            self._study.tell(trial, value)
        else:
            reported = self._study.get_trials(deepcopy=False)[trial.number].intermediate_values
            self._study.tell(trial, state=states.PRUNED if reported else states.FAIL)
        return task, reason

    def best_tasks(self) -> list[Task]:
        """The best settings under every seed, with the test images, recorded in the folder; none where no trial was finished."""
        if all(trial.state != self._optuna.trial.TrialState.COMPLETE for trial in self._study.get_trials(deepcopy=False)):
            return []  # a trial that was ended early has a value in Optuna's eyes, but is none of its best
        settings = dict(self._study.best_trial.params)
        write_json(self._files.best_settings, {"settings": settings, "value": self._study.best_value})
        point = Point("best of the search", settings, settings)
        best = [task_of(self._plan, point, seed, self._fingerprints) for seed in self._plan.seeds]
        write_cell_list(self.tasks + best, self._files.path)
        return best

    def _task(self, settings: Mapping[str, Any]) -> Task:
        point = Point(f"trial {len(self.tasks) + 1}", dict(settings), dict(settings))
        return task_of(self._held_out, point, self._plan.seeds[0], self._fingerprints)

    def _value(self, task: Task) -> float | None:
        """What the trial is judged by; None where it was not finished."""
        cell = read_cell(self._files.path, task.key, task.point.name, task.point.values, task.seed, {})
        if cell.summary is None:
            return None
        by_score = self._search.objective == "validation_knn_score"
        return cell.summary.knn_score if by_score else cell.summary.min_validation_loss


def _suggest(trial: Any, key: str, range_: Range) -> Any:
    if range_.choices is not None:
        return trial.suggest_categorical(key, range_.choices)
    if range_.integer:
        return trial.suggest_int(key, int(range_.low or 0), int(range_.high or 0), log=range_.log)
    return trial.suggest_float(key, range_.low, range_.high, log=range_.log)


def _pruner(trial: Any, history: list[Epoch], pruning: Pruning) -> Callable[[Epoch], None]:
    """Ends a training whose validation losses are all worse than the median of the trials before at the same epoch.

    Only trials of the same loss count: the values of another loss are on another scale.

    Args:
        history: epochs before the training was killed, which count as if it had not been.
    """
    best = float("inf")

    def report(row: Epoch) -> None:
        nonlocal best
        if row.validation_loss is not None:
            trial.report(row.validation_loss, row.epoch)
            best = min(best, row.validation_loss)

    def report_and_prune(row: Epoch) -> None:
        report(row)
        if row.validation_loss is None:
            return
        before = [
            other.intermediate_values[row.epoch]
            for other in trial.study.get_trials(deepcopy=False)
            if other.value is not None and _loss(other) == _loss(trial) and row.epoch in other.intermediate_values
        ]
        if row.epoch >= pruning.epochs and len(before) >= pruning.trials and best > median(before):
            raise TrialPruned(
                f"{PRUNED} at epoch {row.epoch}: validation loss {row.validation_loss:.4f} is worse than the median"
            )

    for row in history:
        report(row)
    return report_and_prune


def _loss(trial: Any) -> dict[str, Any]:
    return {key: value for key, value in trial.params.items() if key.startswith("loss")}
