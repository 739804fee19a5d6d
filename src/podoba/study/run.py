"""A study run: every cell that is not done yet, one after another or in several processes."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from podoba.errors import TrainingError
from podoba.progress import OnProgress, silent
from podoba.runs.settings_file import write_yaml
from podoba.study.cells import record_failure, run_cell
from podoba.study.folder import Study, StudyFolder, load_study, status_of, write_cell_list, writing
from podoba.study.grid import tasks
from podoba.study.plan import Plan, load_plan
from podoba.study.results import write_results
from podoba.study.task import Task

log = logging.getLogger(__name__)

KILLED = "its process was killed twice, by the memory running out perhaps: use fewer --workers, or a smaller batch_size"
OnCell = Callable[[Task, str | None, int, int], None]  # a training, why it was not finished, trainings ended, and all


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
        workers: processes; they share the caches of pixels and features. Where one is killed, its training is tried once more.
        on_cell: called with each training that ended, and how many of how many have.
        on_progress: called with the stage of the training under way, steps done and in all; with several workers with the
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
        for task, reason in _run(pending, folder, workers, on_progress):
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


def _run(pending: list[Task], folder: Path, workers: int, on_progress: OnProgress | None) -> Iterator[tuple[Task, str | None]]:
    """Each training as it ends, and why it was not finished."""
    if workers == 1 or len(pending) < 2:
        for task in pending:
            yield task, run_cell(task, folder, on_progress)
        return
    show = silent if on_progress is None else on_progress
    workers = min(workers, len(pending))
    with _threads(max(1, (os.cpu_count() or 1) // workers)):
        show("trainings", 0, len(pending))
        for ended, outcome in enumerate(_in_processes(pending, folder, workers), 1):
            show("trainings", ended, len(pending))
            yield outcome


def _in_processes(pending: list[Task], folder: Path, workers: int) -> Iterator[tuple[Task, str | None]]:
    """Trainings in processes, each of which is alone in its pool: where one is killed, no other training is lost with it."""
    waiting, pools = iter(pending), [_new_process() for _ in range(workers)]
    running: dict[Future[str | None], tuple[int, Task, int]] = {}  # its pool, and how often its process was killed

    def begin(pool: int, task: Task | None, killed: int = 0) -> None:
        if task is not None:
            running[pools[pool].submit(run_cell, task, folder)] = pool, task, killed

    try:
        for pool in range(workers):
            begin(pool, next(waiting, None))
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                pool, task, killed = running.pop(future)
                try:
                    reason = future.result()
                except BrokenProcessPool:
                    pools[pool].shutdown()
                    pools[pool] = _new_process()
                    if not killed:
                        log.warning("%s, seed %d: its process was killed: it is tried once more", task.point.name, task.seed)
                        begin(pool, task, killed + 1)
                        continue
                    reason = record_failure(task, folder, KILLED)
                begin(pool, next(waiting, None))
                yield task, reason
    finally:
        for one in pools:
            one.shutdown(wait=True, cancel_futures=True)


def _new_process() -> ProcessPoolExecutor:
    """A pool of one process, which is started at its first training.

    Ctrl-C ends it at once, without a traceback: a training can be stopped at any moment, and the main process says so. That is
    set before torch is imported, which takes seconds: hence a function of the standard library.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_DFL))


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
