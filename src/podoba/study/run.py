"""A study run: every cell that is not done yet, one after another or in several processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from podoba.errors import TrainingError
from podoba.progress import OnProgress
from podoba.study.cells import Ended, run_cell
from podoba.study.folder import CELLS, PLAN, Study, load_study, remember, status_of, write_results, writing
from podoba.study.grid import Task, tasks
from podoba.study.interrupting import end_at_once
from podoba.study.plan import Plan, load_plan, write_plan

OnCell = Callable[[Task, Ended, int, int], None]


def run_study(
    plan: Plan,
    folder: Path,
    *,
    resume: bool = False,
    workers: int = 1,
    on_cell: OnCell | None = None,
    on_progress: OnProgress | None = None,
) -> Study:
    """Run what a plan asks for and is not there yet; finished cells are never run again, also those of an earlier plan.

    Args:
        resume: go on with a study that was stopped, and try its failed cells again.
        workers: processes; they share the caches of pixels and features.
        on_cell: called with each training that ended, and how many of how many have.
        on_progress: called with the stage of the training under way, steps done and in all; with several workers with the
            trainings that ended, and all of them.

    Raises:
        SettingsError, SourceError: a plan that cannot be run, before anything is.
        TrainingError: an unfinished or another study in the folder without `resume`, or a worker that was killed,
            or a folder that cannot be written.
    """
    with writing(folder):
        return _run_all(plan, folder, resume, workers, on_cell, on_progress)


def _run_all(
    plan: Plan, folder: Path, resume: bool, workers: int, on_cell: OnCell | None, on_progress: OnProgress | None
) -> Study:  # fmt: skip
    found = claim(plan, folder, resume)
    waiting = [task for task in found if status_of(folder / CELLS / task.key) != "done"]
    # Seed by seed: every variant has a first result early, and workers that start together compute different features.
    waiting.sort(key=lambda task: plan.seeds.index(task.seed))
    ended = len(found) - len(waiting)
    write_results(load_study(folder))
    for task, end in _run(waiting, folder, workers, on_progress):
        ended += 1
        write_results(load_study(folder))
        if on_cell is not None:
            on_cell(task, end, ended, len(found))
    return load_study(folder)


def claim(plan: Plan, folder: Path, resume: bool) -> list[Task]:
    """The trainings of a plan, the folder made theirs. Raises `TrainingError` where it holds another study or one unfinished."""
    check_folder(folder, resume)
    found = tasks(plan)
    if not resume:
        _check_same(found, folder)
    remember(found, folder)
    write_plan(plan, folder / PLAN)
    return found


def check_folder(folder: Path, resume: bool) -> None:
    """Raises `TrainingError` where a folder holds an unfinished study and nobody said that it is to go on."""
    if resume or not (folder / PLAN).exists():
        return
    cells = [cell for variant in load_study(folder).variants for cell in variant.cells]
    open_ = [cell for cell in cells if cell.status != "done" and not cell.stopped]
    if open_ or not cells:
        raise TrainingError(
            f"{folder}: holds a study of which {len(open_)} of {len(cells)} trainings are not finished: "
            "add --resume to go on with it, or choose another --out"
        )


def _check_same(found: list[Task], folder: Path) -> None:
    """Raises `TrainingError` where a folder holds a study that has no training in common with these."""
    if not (folder / PLAN).exists():
        return
    before = load_study(folder)
    keys = {cell.key for variant in before.variants for cell in variant.cells}
    if keys and not keys & {task.key for task in found}:
        raise TrainingError(
            f"{folder}: holds the study {before.plan.title!r}, and this plan asks for none of its trainings: choose another "
            "--out, or add --resume to put this study in its place"
        )


def changes(plan: Plan, folder: Path) -> list[str]:
    """Which parts of the plan differ from the one that the folder was made by."""
    if not (folder / PLAN).exists():
        return []
    before, now = load_plan(folder / PLAN).model_dump(mode="json"), plan.model_dump(mode="json")
    return [key for key in now if before[key] != now[key]]


def _run(waiting: list[Task], folder: Path, workers: int, on_progress: OnProgress | None) -> Iterator[tuple[Task, Ended]]:
    if workers == 1 or len(waiting) < 2:
        for task in waiting:
            yield task, run_cell(task, folder, on_progress)
        return
    workers = min(workers, len(waiting))
    with _threads(max(1, (os.cpu_count() or 1) // workers)):
        _show(on_progress, 0, len(waiting))
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=end_at_once)
        try:
            futures = {pool.submit(run_cell, task, folder): task for task in waiting}
            for ended, future in enumerate(as_completed(futures), 1):
                _show(on_progress, ended, len(waiting))
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            raise TrainingError(
                f"{folder}: a worker process was killed, by the memory running out perhaps: give it again with --resume, "
                "and with fewer --workers"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _show(on_progress: OnProgress | None, ended: int, total: int) -> None:
    if on_progress is not None:
        on_progress("trainings", ended, total)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Processes started within get so many threads each: more would only wait for each other."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(count)
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
