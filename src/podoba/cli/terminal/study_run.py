"""A study with its progress, its notes and its results printed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev

from podoba.cli.console import print_json, print_line, print_table, say
from podoba.cli.terminal.meter import duration
from podoba.cli.terminal.progress import meter, over_epochs
from podoba.errors import TrainingError
from podoba.executor import Executor
from podoba.study.estimate import LEFT_OUT, estimate, estimate_search
from podoba.study.folder import Study, StudyFolder
from podoba.study.grid import tasks
from podoba.study.plan import Plan, varied
from podoba.study.run import changes, run_study
from podoba.study.task import Task
from podoba.study.tuning import run_search


def say_without_effect(plan: Plan, settings: Sequence[str], limits: Mapping[str, int | None]) -> None:
    """Name what was given on the command line and is decided by the plan's own axes or cells, in some variants or in all."""
    given = [text.partition("=")[0].strip() for text in settings] + [key for key, value in limits.items() if value is not None]
    for key in given:
        if any(key == one or key.startswith(one + ".") or one.startswith(key + ".") for one in varied(plan)):
            say(f"note: the plan varies {key} itself: what the command line says of it holds only where the plan says nothing")


def run_plan(plan: Plan, out: Path, resume: bool, executor: Executor | None) -> Study:
    """Run all trainings of a plan, or search its settings, with progress shown; each training that ends is named."""
    changed = changes(plan, out)
    if changed:
        say(f"note: the plan is another than before ({', '.join(changed)}); cells that are in both are kept")

    def say_ended(task: Task, reason: str | None, ended: int, total: int) -> None:
        how = "finished" if reason is None else f"not finished: {reason}"
        say(f"cell {ended}/{total}: {task.point.name}, seed {task.seed}: {how}")

    with meter() as show:
        progress = over_epochs(show)
        if plan.search is not None:
            return run_search(plan, out, resume=resume, on_cell=say_ended, on_progress=progress)
        return run_study(plan, out, resume=resume, executor=executor, on_cell=say_ended, on_progress=progress)


def print_estimate(plan: Plan, out: Path, as_json: bool) -> None:
    """The grid of a plan, and the time that its trainings will take."""
    with meter() as show:
        expected = estimate(tasks(plan), out, show) if plan.search is None else estimate_search(plan, out, show)
    total = sum(one.seconds * one.times for one in expected)
    count = sum(one.times for one in expected)
    if as_json:
        cells = [
            {"cell": one.task.key, "variant": one.task.point.name, "values": one.task.point.values, "seed": one.task.seed,
             "done": one.done, "seconds": one.seconds, "times": one.times, "how": one.how}
            for one in expected
        ]  # fmt: skip
        print_json({"cells": cells, "trainings": count, "seconds": total})
        return
    rows = [(one.task.point.name, str(one.task.seed), f"{one.seconds * one.times:.1f}", one.how) for one in expected]
    print_table(("variant", "seed", "seconds", "known by"), rows, total=("total", "", f"{total:.1f}", ""))
    print_line(f"{count} trainings, about {duration(total)} one after another; {LEFT_OUT}")


def print_study(plan: Plan, study: Study, out: Path, page: Path | None, as_json: bool) -> None:
    """The scores of every variant, and where the results and the report are."""
    files = StudyFolder(out)
    if as_json:
        failed = [
            {"cell": cell.key, "variant": cell.name, "seed": cell.seed, "reason": cell.reason}
            for cell in study.cells
            if cell.status == "failed" and not cell.stopped
        ]
        print_json(
            {
                "study": str(out),
                "report": None if page is None else str(page),
                "results": str(files.results),
                "cells": len(study.cells),
                "finished": sum(cell.status == "done" for cell in study.cells),
                "stopped": sum(cell.stopped for cell in study.cells),
                "failed": failed,
            }
        )
        return
    rows = []
    for variant in study.variants:
        scores = [cell.summary.knn_score for cell in variant.cells if cell.summary and cell.summary.knn_score is not None]
        spread = f"{stdev(scores):.4f}" if len(scores) > 1 else ""
        rows.append((variant.name, f"{len(scores)}/{len(variant.cells)}", f"{fmean(scores):.4f}" if scores else "", spread))
    print_table(("variant", "seeds", "KNN score", "deviation"), rows)
    if plan.search is not None and study.variants[-1].values and files.best_settings.exists():
        print_line("best settings: " + " ".join(f"{key}={value}" for key, value in study.variants[-1].values.items()))
    print_line(f"results: {files.results}")
    if page is not None:
        print_line(f"report: {page}")


def raise_for_failed(study: Study) -> None:
    """Raise `TrainingError` where a training failed, with the reason of the first."""
    failed = [cell for cell in study.cells if cell.status == "failed" and not cell.stopped]
    if failed:
        others = "the others are finished: " if len(failed) < len(study.cells) else ""
        first = failed[0]
        raise TrainingError(
            f"{len(failed)} of {len(study.cells)} trainings failed, the first, {first.name} (seed {first.seed}): {first.reason}; "
            f"{others}mend it and give the command again with --resume"
        )
