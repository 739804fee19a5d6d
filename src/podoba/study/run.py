"""A study run: every cell that is not done yet, one after another or by an executor."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from podoba.errors import TrainingError
from podoba.executor import Executor, times
from podoba.progress import OnProgress, silent
from podoba.runs.settings_file import write_yaml
from podoba.study.cells import record_failure, run_cell
from podoba.study.folder import Study, StudyFolder, load_study, status_of, write_cell_list, writing
from podoba.study.grid import tasks
from podoba.study.plan import Plan, load_plan
from podoba.study.results import write_results
from podoba.study.task import Task

log = logging.getLogger(__name__)

OnCell = Callable[[Task, str | None, int, int], None]  # a training, why it was not finished, trainings ended, and all


def run_study(
    plan: Plan,
    folder: Path,
    *,
    resume: bool = False,
    executor: Executor | None = None,
    on_cell: OnCell | None = None,
    on_progress: OnProgress | None = None,
) -> Study:
    """Run what a plan asks for and is not there yet; finished cells are never run again, also those of an earlier plan.

    Args:
        resume: go on with a study that was stopped, and try its failed cells again.
        executor: what trains several at a time; where a process of it is killed, its training is tried again. On several machines
            `folder` must be on a file system that all of them share. None trains one after another, here.
        on_cell: called with each training that ended, and how many of how many have.
        on_progress: called with the stage of the training under way, steps done and in all; with an executor with the
            trainings that ended, and all of them.

    Raises:
        SettingsError, SourceError: a plan that cannot be run, before anything is.
        TrainingError: an unfinished or another study in the folder without `resume`, or a folder that cannot be written.
    """
    with writing(folder):
        all_tasks = claim_folder(plan, folder, resume)
        files = StudyFolder(folder)
        pending = [task for task in all_tasks if status_of(files.run(task.key)) != "done"]
        # Seed by seed: every variant has a first result early, and workers that start together compute different features.
        pending.sort(key=lambda task: plan.seeds.index(task.seed))
        ended = len(all_tasks) - len(pending)
        write_results(load_study(folder))
        for task, reason in _run(pending, folder, executor, on_progress):
            ended += 1
            write_results(load_study(folder))
            if on_cell is not None:
                on_cell(task, reason, ended, len(all_tasks))
        return load_study(folder)


def claim_folder(plan: Plan, folder: Path, resume: bool) -> list[Task]:
    """The trainings of a plan, after the folder was made theirs.

    Raises:
        TrainingError: the folder has another study, or an unfinished one without `resume`.
    """
    check_folder(folder, resume)
    all_tasks = tasks(plan)
    if not resume:
        _check_same(all_tasks, folder)
    write_cell_list(all_tasks, folder)
    write_yaml(plan, StudyFolder(folder).plan)
    return all_tasks


def check_folder(folder: Path, resume: bool) -> None:
    """Raises `TrainingError` where a folder has an unfinished study that is not to be resumed."""
    if resume or not StudyFolder(folder).exists:
        return
    cells = load_study(folder).cells
    unfinished = [cell for cell in cells if cell.status != "done" and not cell.stopped]
    if unfinished or not cells:
        raise TrainingError(
            f"{folder}: holds a study of which {len(unfinished)} of {len(cells)} trainings are not finished: "
            "add --resume to go on with it, or choose another --out"
        )


def _check_same(all_tasks: list[Task], folder: Path) -> None:
    """Raises `TrainingError` where a folder has a study that has no training in common with these."""
    if not StudyFolder(folder).exists:
        return
    before = load_study(folder)
    keys = {cell.key for cell in before.cells}
    if keys and not keys & {task.key for task in all_tasks}:
        raise TrainingError(
            f"{folder}: holds the study {before.plan.title!r}, and this plan asks for none of its trainings: choose another "
            "--out, or add --resume to put this study in its place"
        )


def changes(plan: Plan, folder: Path) -> list[str]:
    """Which parts of the plan differ from the one that the folder was made by."""
    files = StudyFolder(folder)
    if not files.exists:
        return []
    before, now = load_plan(files.plan).model_dump(mode="json"), plan.model_dump(mode="json")
    return [key for key in now if before[key] != now[key]]


def _run(
    pending: list[Task], folder: Path, executor: Executor | None, on_progress: OnProgress | None
) -> Iterator[tuple[Task, str | None]]:
    """Each training as it ends, and why it was not finished."""
    if executor is None:
        for task in pending:
            yield task, run_cell(task, folder, on_progress)
        return
    show = silent if on_progress is None else on_progress
    show("trainings", 0, len(pending))
    for ended, outcome in enumerate(executor.run(partial(run_cell, folder=folder), pending), 1):
        task, reason = outcome.item, outcome.result
        if outcome.error is not None:
            reason = record_failure(task, folder, outcome.error)
        elif outcome.attempts > 1:
            name, killed = task.point.name, times(outcome.attempts - 1)
            log.warning("%s, seed %d: its process was killed %s: it was tried again", name, task.seed, killed)
        show("trainings", ended, len(pending))
        yield task, reason
