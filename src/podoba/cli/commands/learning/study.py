"""`podoba study`."""

from pathlib import Path

import typer

from podoba.cli.console import say
from podoba.cli.interrupts import INTERRUPTED
from podoba.cli.options import JSON, ON
from podoba.cli.terminal.progress import meter


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
    workers: int | None = typer.Option(
        None, "--workers", min=1, metavar="N", help="Trainings at the same time.  [default: 1, or what the cluster has room for]"
    ),
    on: str | None = ON,
    dry_run: bool = typer.Option(False, "--dry-run", help="Print the grid and the time it will take, and stop."),
    no_report: bool = typer.Option(False, "--no-report", help="Do not draw the report at the end."),
    as_json: bool = JSON,
) -> None:
    """Run a grid of trainings and compare them in one report.

    \b
    Examples:
      podoba study studies/paper.yaml --train cifar10:train --test cifar10:test --out runs/paper
      podoba study studies/losses.yaml --train photos --out runs/losses --workers 2
      podoba study studies/optimisers.yaml --train photos --out runs/optimisers --dry-run
      podoba study studies/losses.yaml --train photos --out runs/losses --resume
      podoba study studies/losses.yaml --train /shared/photos --out /shared/losses --on ray

    With --on, all machines have the folders of images and of the study, as on a shared file system.
    """
    from podoba.cli.executors import open_study_executor
    from podoba.cli.terminal.loading import load_torch
    from podoba.runs.settings_file import dotted
    from podoba.study.plan import load_plan

    chosen = load_plan(plan, settings, train=train, test=test, limit_train=limit_train, limit_test=limit_test)
    executor = None if dry_run else open_study_executor(on, workers, is_search=chosen.search is not None)
    load_torch(from_scratch=dotted(chosen.base).get("backbone.transfer") == "scratch")
    from podoba.cli.terminal.study_run import print_estimate, print_study, raise_for_failed, run_plan, say_without_effect
    from podoba.report.study.build import build_report
    from podoba.report.study.paper import claims_of_plan

    if seeds is not None:
        chosen = chosen.model_copy(update={"seeds": list(range(seeds))})
    claims_of_plan(chosen.claims)  # the report needs them at the end of all trainings: a wrong name is an error before them
    say_without_effect(chosen, settings, {"limit_train": limit_train, "limit_test": limit_test})
    if dry_run:
        print_estimate(chosen, out, as_json)
        return
    try:
        result = run_plan(chosen, out, resume, executor)
    except KeyboardInterrupt:
        say("stopped; what is finished is kept: give the command again with --resume")
        raise typer.Exit(INTERRUPTED) from None
    page = None
    if not no_report:
        with meter() as show:
            page = build_report(out, show).page
    print_study(chosen, result, out, page, as_json)
    raise_for_failed(result)
