"""Groups of duplicates for a person."""

from __future__ import annotations

from collections import Counter

from podoba.cli.console import print_line, say
from podoba.collection.duplicates.move import LOG, MoveReport
from podoba.collection.duplicates.results import Duplicates


def print_groups(duplicates: Duplicates) -> None:
    """Of each group what is kept, then its copies; at the end how many there are."""
    for group in duplicates.groups:
        print_line(f"{group.kind}: {group.keep.item.uri} ({group.keep.item.id}), {group.keep.reason}")
        for copy in group.copies:
            print_line(f"    {copy.item.uri} ({copy.item.id}): {copy.reason}")
    kinds = Counter(copy.kind for group in duplicates.groups for copy in group.copies)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    groups = len(duplicates.groups)
    say(f"{groups} groups; beside what is kept {sum(kinds.values())} copies: {counts}" if groups else "no duplicates")


def say_moved(report: MoveReport) -> None:
    """What was left where it is and why, and where the moved files are."""
    for row in report.left:
        say(f"left: {row.uri}: {row.reason}")
    say(f"{len(report.moved)} files moved below {report.folder}; {LOG} there says where each came from; {len(report.left)} left")
