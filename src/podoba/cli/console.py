"""What the commands print with: messages on stderr, results on stdout, progress as a bar or as plain lines."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from podoba.images.record import Skipped

INTERRUPTED = 130  # the exit code after Ctrl-C
QUIET_SECONDS = 5.0  # between plain lines of progress
SHOWN_SKIPPED = 20  # unreadable images named one by one; `--json` has them all


def print_json(values: Mapping[str, Any]) -> None:
    """One JSON object on stdout, and nothing else."""
    sys.stdout.write(json.dumps(values, indent=2, ensure_ascii=False, default=str) + "\n")


def print_line(text: str) -> None:
    """One line of a result on stdout, as it is."""
    sys.stdout.write(printable(text) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], total: Sequence[str] = ()) -> None:
    """A table on stdout: plain lines, columns as wide as their texts, those of numbers to the right."""
    body = [[printable(cell) for cell in row] for row in [columns, *rows, *([total] if total else [])]]
    widths = [max(text_width(row[i]) for row in body) for i in range(len(columns))]
    numeric = [all(_NUMBER.fullmatch(row[i]) for row in rows) for i in range(len(columns))]
    rule = "  ".join("-" * width for width in widths)
    lines = [_aligned(row, widths, numeric) for row in body]
    lines.insert(1, rule)
    if total:
        lines.insert(len(lines) - 1, rule)
    sys.stdout.write("\n".join(lines) + "\n")


_NUMBER = re.compile(r"-?[\d,]*\.?\d*")


def _aligned(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = []
    for cell, width, right in zip(row, widths, numeric, strict=True):
        space = " " * (width - text_width(cell))
        cells.append(space + cell if right else cell + space)
    return "  ".join(cells).rstrip()


def text_width(text: str) -> int:
    """Columns of a terminal that a text takes: letters of East Asian scripts and most pictographs take two, marks none."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def printable(text: str) -> str:
    """A text that breaks neither the line nor the terminal: control characters and bytes of no encoding are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def say(text: str) -> None:
    """One plain line on stderr."""
    print(printable(text), file=sys.stderr, flush=True)


def say_skipped(skipped: Sequence[Skipped]) -> None:
    """Name the images that could not be read, each with its reason; of many the first ones; and how often each reason came."""
    for row in skipped[:SHOWN_SKIPPED]:
        say(f"skipped: {row.uri}: {row.reason}")
    if len(skipped) > 1:
        from podoba.images.record import count_reasons

        counts = "; ".join(f"{count} {reason}" for reason, count in count_reasons(skipped).items())
        say(f"skipped, {len(skipped)} in all: {counts}")


class Meter:
    """Shows how far a piece of work has come."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._name = ""
        self._task: TaskID | None = None
        self._started = self._said = time.monotonic()
        self._first = 0

    def __call__(self, name: str, done: int, total: int, *, unit: str = "", note: str = "") -> None:
        """The work called `name` has come to `done` of `total`; how many of a `unit` a second is told where one is given."""
        stage = name.partition(",")[0]
        if stage != self._name:
            self._name, self._started, self._first = stage, time.monotonic(), done
            if self._bar is not None:
                if self._task is not None:
                    self._bar.remove_task(self._task)
                self._task = self._bar.add_task(name, total=total, completed=done, facts="")
        facts = ", ".join(fact for fact in (self._rate(done, unit), note) if fact)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=name, completed=done, total=total, facts=facts)
        elif time.monotonic() - self._said >= QUIET_SECONDS:
            self._said = time.monotonic()
            say(f"{name}: {done}/{total}{facts and ', '}{facts}{self._left(done, total)}")

    def _rate(self, done: int, unit: str) -> str:
        fresh, seconds = done - self._first, time.monotonic() - self._started
        if not unit or fresh <= 0 or seconds <= 0:
            return ""
        rate = fresh / seconds
        return f"{rate:.0f} {unit}/s" if rate >= 10 else f"{rate:.1f} {unit}/s"

    def _left(self, done: int, total: int) -> str:
        fresh = done - self._first
        if fresh <= 0 or done >= total:
            return ""
        seconds = (time.monotonic() - self._started) / fresh * (total - done)
        return f", about {duration(seconds)} left"


def duration(seconds: float) -> str:
    """A length of time as one says it: in seconds, minutes or hours."""
    whole = round(seconds)
    return (
        f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60} min"
    )


@contextmanager
def meter() -> Iterator[Meter]:
    """A meter for the time of a piece of work: a bar where stderr is a terminal, else a plain line now and then."""
    if not sys.stderr.isatty():
        yield Meter(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TextColumn("{task.fields[facts]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Meter(bar)


def over_epochs(show: Meter, name: str = "training") -> Callable[[str, int, int], None]:
    """A callback for a training: its epochs are shown as one piece of work, so that the time left is all of it."""

    def progress(stage: str, done: int, total: int) -> None:
        epoch = re.fullmatch(r"epoch (\d+)/(\d+)", stage)
        if epoch is None:
            show(stage, done, total)
        else:
            number, epochs = int(epoch[1]), int(epoch[2])
            show(f"{name}, {stage}", (number - 1) * total + done, epochs * total)

    return progress
