"""`podoba study`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import INTERRUPTED, duration, meter, over_epochs, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from podoba.study.folder import Study
    from podoba.study.plan import Plan


def study(
    plan: Path = typer.Argument(..., metavar="PLAN", help="YAML file of the plan, such as studies/paper.yaml."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="Folder of the study."),
    train: str | None = typer.Option(None, "--train", metavar="SOURCE", help="Training images, instead of the plan's."),
    test: str | None = typer.Option(None, "--test", metavar="SOURCE", help="Test images, instead of the plan's."),
    settings: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="One setting of every cell; may be repeated."),
    limit_train: int | None = typer.Option(None, "--limit-train", metavar="N", help="Use N training images at most."),
    limit_test: int | None = typer.Option(None, "--limit-test", metavar="N", help="Use N test images at most."),
    seeds: int | None = typer.Option(None, "--seeds", min=1, metavar="N", help="Run seeds 0 to N-1 instead of the plan's."),
    resume: bool = typer.Option(False, "--resume", help="Go on with a study that was stopped; failed cells are tried again."),
    workers: int = typer.Option(1, "--workers", min=1, metavar="N", help="Trainings at the same time."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Print the grid and the time it will take, and stop."),
    no_report: bool = typer.Option(False, "--no-report", help="Do not draw the report at the end."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Run a grid of trainings and compare them in one report.

    \b
    Examples:
      podoba study studies/paper.yaml --train cifar10:train --test cifar10:test --out runs/paper
      podoba study studies/losses.yaml --train photos --out runs/losses --workers 2
      podoba study studies/optimisers.yaml --train photos --out runs/optimisers --dry-run
      podoba study studies/losses.yaml --train photos --out runs/losses --resume
    """
    from podoba.errors import TrainingError, require

    require("torch", "train")
    from podoba.report.study.paper import claims_of_plan
    from podoba.study.folder import StudyFolder
    from podoba.study.plan import load_plan

    told = load_plan(plan, settings, train=train, test=test, limit_train=limit_train, limit_test=limit_test)
    if seeds is not None:
        told = told.model_copy(update={"seeds": list(range(seeds))})
    claims_of_plan(told.claims)  # the report needs them at the end of all trainings: a wrong name is an error before them
    _say_without_effect(told, settings, {"limit_train": limit_train, "limit_test": limit_test})
    if dry_run:
        _print_grid(told, out, as_json)
        return
    try:
        result = _run(told, out, resume, workers)
    except KeyboardInterrupt:
        say("stopped; what is finished is kept: give the command again with --resume")
        raise typer.Exit(INTERRUPTED) from None
    cells, files = result.cells, StudyFolder(out)
    failed = [cell for cell in cells if cell.status == "failed" and not cell.stopped]
    page = None if no_report else _report(out)
    if as_json:
        print_json(
            {
                "study": str(out),
                "report": page,
                "results": str(files.results),
                "cells": len(cells),
                "finished": sum(cell.status == "done" for cell in cells),
                "stopped": sum(cell.stopped for cell in cells),
                "failed": [{"cell": cell.key, "variant": cell.name, "seed": cell.seed, "reason": cell.reason} for cell in failed],
            }
        )
    else:
        _print_scores(result)
        if told.search is not None and result.variants[-1].values and files.best_settings.exists():
            print_line("best settings: " + " ".join(f"{key}={value}" for key, value in result.variants[-1].values.items()))
        print_line(f"results: {files.results}")
        if page is not None:
            print_line(f"report: {page}")
    if failed:
        others = "the others are finished: " if len(failed) < len(cells) else ""
        first = failed[0]
        raise TrainingError(
            f"{len(failed)} of {len(cells)} trainings failed, the first, {first.name} (seed {first.seed}): {first.reason}; "
            f"{others}mend it and give the command again with --resume"
        )


def _say_without_effect(plan: Plan, settings: list[str], limits: dict[str, int | None]) -> None:
    """Name what was told on the command line and is decided by the plan's own axes or cells, in some variants or in all."""
    from podoba.study.plan import varied

    told = [text.partition("=")[0].strip() for text in settings] + [key for key, value in limits.items() if value is not None]
    for key in told:
        if any(key == one or key.startswith(one + ".") or one.startswith(key + ".") for one in varied(plan)):
            say(f"note: the plan varies {key} itself: what the command line says of it holds only where the plan says nothing")


def _run(plan: Plan, out: Path, resume: bool, workers: int) -> Study:
    from podoba.study.cells import Outcome
    from podoba.study.grid import Task
    from podoba.study.run import changes, run_study
    from podoba.study.tuning import run_search

    changed = changes(plan, out)
    if changed:
        say(f"note: the plan is another than before ({', '.join(changed)}); cells that both ask for are kept")

    def told(task: Task, end: Outcome, ended: int, total: int) -> None:
        how = "finished" if end.reason is None else f"not finished: {end.reason}"
        say(f"cell {ended}/{total}: {task.point.name}, seed {task.seed}: {how}")

    with meter() as show:
        progress = over_epochs(show)
        if plan.search is not None:
            return run_search(plan, out, resume=resume, on_cell=told, on_progress=progress)
        return run_study(plan, out, resume=resume, workers=workers, on_cell=told, on_progress=progress)


def _report(out: Path) -> str:
    from podoba.report.study.build import build_report

    with meter() as show:
        return str(build_report(out, show).page)


def _print_grid(plan: Plan, out: Path, as_json: bool) -> None:
    from podoba.study.estimate import LEFT_OUT, estimate, estimate_search
    from podoba.study.grid import tasks

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


def _print_scores(result: Study) -> None:
    from statistics import fmean, stdev

    rows = []
    for variant in result.variants:
        scores = [cell.summary.knn_score for cell in variant.cells if cell.summary and cell.summary.knn_score is not None]
        spread = f"{stdev(scores):.4f}" if len(scores) > 1 else ""
        rows.append((variant.name, f"{len(scores)}/{len(variant.cells)}", f"{fmean(scores):.4f}" if scores else "", spread))
    print_table(("variant", "seeds", "KNN score", "deviation"), rows)
