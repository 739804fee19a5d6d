"""What the commands print with: messages on stderr, results on stdout, progress as a bar or as plain lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

QUIET_SECONDS = 5.0  # between plain lines of progress


def results() -> Console:
    """For results: stdout."""
    return Console()


def messages() -> Console:
    """For everything else: stderr."""
    return Console(stderr=True)


def print_json(values: Mapping[str, Any]) -> None:
    """One JSON object on stdout, and nothing else."""
    sys.stdout.write(json.dumps(values, indent=2, ensure_ascii=False, default=str) + "\n")


def say(text: str) -> None:
    """One plain line on stderr."""
    print(text, file=sys.stderr, flush=True)


class Meter:
    """Shows how far several named pieces of work have come."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}
        self._said = time.monotonic()

    def __call__(self, name: str, done: int, total: int) -> None:
        """Piece `name` has come to `done` of `total`."""
        if self._bar is not None:
            if name not in self._tasks:
                for task in self._tasks.values():
                    self._bar.remove_task(task)
                self._tasks = {name: self._bar.add_task(name, total=total)}
            self._bar.update(self._tasks[name], completed=done, total=total)
        elif time.monotonic() - self._said >= QUIET_SECONDS:
            self._said = time.monotonic()
            say(f"{name}: {done}/{total}")


@contextmanager
def meter() -> Iterator[Meter]:
    """A meter for the time of a piece of work."""
    console = messages()
    if not console.is_terminal:
        yield Meter(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield Meter(bar)
