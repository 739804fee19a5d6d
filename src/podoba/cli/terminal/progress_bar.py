"""Progress as a bar with the time left."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from podoba.cli.terminal.meter import Meter

CELLS = 20  # characters of the bar


class BarMeter(Meter):
    """A meter that draws; each piece of work takes the place of the one before it."""

    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self._bar = bar
        self._task: TaskID | None = None

    def _show(self, name: str, done: int, total: int, facts: str, begins: bool) -> None:
        if begins and self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
        if self._task is None:
            self._task = self._bar.add_task(name, total=total or None, completed=done, facts=facts)
        else:
            self._bar.update(self._task, description=name, completed=done, total=total or None, facts=facts)


@contextmanager
def progress_bar() -> Iterator[BarMeter]:
    """A bar on stderr, which is removed at the end."""
    columns = (
        TextColumn("{task.description}"), BarColumn(CELLS), MofNCompleteColumn(), TextColumn("{task.fields[facts]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield BarMeter(bar)
