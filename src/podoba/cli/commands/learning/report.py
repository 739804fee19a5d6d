"""`podoba report`."""

from __future__ import annotations

from pathlib import Path

import typer

from podoba.cli.console import print_json, print_line, say
from podoba.cli.options import JSON
from podoba.cli.terminal.progress import meter


def report(
    study: Path = typer.Argument(..., metavar="DIR", help="The folder of a study."),
    as_json: bool = JSON,
) -> None:
    """Draw the report of a study anew: report.html, figures and tables. Nothing is trained.

    \b
    Examples:
      podoba report studies/paper
      podoba report studies/paper --json
    """
    from podoba.errors import require

    require("torch", "train")
    from podoba.report.study.build import build_report

    with meter() as show:
        made = build_report(study, show)
    for reason in made.missing.values():
        say(f"note: the report is without pictures of a source: {reason}")
    if made.finished < made.cells:
        say(f"note: {made.cells - made.finished} of {made.cells} trainings are not finished; the report says which")
    if as_json:
        print_json({
            "report": str(made.page), "bytes": made.page.stat().st_size, "cells": made.cells, "finished": made.finished,
            "missing": made.missing,
        })  # fmt: skip
        return
    print_line(f"report: {made.page}")
    print_line(f"figures and tables: {study / 'figures'}, {study / 'tables'}")
