"""What an update of a collection did, for a person."""

from __future__ import annotations

from pathlib import Path

from podoba.cli.console import print_line, say, say_skipped
from podoba.collection.update.bring_up_to_date import UpdateReport


def print_update(collection: Path, update: UpdateReport) -> None:
    """Name what was skipped, then count what became of the images."""
    report = update.index
    say_skipped(report.skipped)
    print_line(
        f"{collection}: {report.seen} images seen, {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.vanished} vanished, {report.unchanged} unchanged, {len(report.skipped)} skipped, {report.seconds:.1f} s"
    )
    if update.why_exact is not None:
        say(f"searching stays exact: {update.why_exact}")
