"""`podoba report`."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, print_line, say
from podoba.cli.options import JSON
from podoba.cli.terminal.progress import meter


def report(study: Path = typer.Argument(..., metavar="DIR", help="The folder of a study."), as_json: bool = JSON) -> None:
    """Draw the report of a study again: report.html, figures and tables. Nothing is trained.

    \b
    Examples:
      podoba report studies/paper
      podoba report studies/paper --json
    """
    from podoba.report.study.build import build_report

    with meter() as show:
        drawn = build_report(study, show)
    for reason in drawn.missing.values():
        say(f"note: the report is without pictures of a source: {reason}")
    for sentence in drawn.left_out:
        say(f"note: {sentence}")
    if drawn.finished < drawn.cells:
        say(f"note: {drawn.cells - drawn.finished} of {drawn.cells} trainings are not finished; the report says which")
    if as_json:
        print_json({
            "report": str(drawn.page), "bytes": drawn.page.stat().st_size, "cells": drawn.cells, "finished": drawn.finished,
            "missing": drawn.missing, "left_out": drawn.left_out,
        })  # fmt: skip
        return
    print_line(f"report: {drawn.page}")
    print_line(f"figures and tables: {study / 'figures'}, {study / 'tables'}")
