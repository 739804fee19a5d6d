"""The bar of a meter."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress

from podoba.cli.terminal.progress_bar import BarMeter


def test_a_bar_follows_the_work_and_is_replaced_by_the_next() -> None:
    bar = Progress(console=Console(quiet=True))
    show = BarMeter(bar)
    show("training, epoch 1/2", 5, 20)
    show("training, epoch 2/2", 15, 20)
    assert [(task.description, task.completed, task.total) for task in bar.tasks] == [("training, epoch 2/2", 15, 20)]
    show("indexing", 1, 3)
    assert [(task.description, task.completed, task.total) for task in bar.tasks] == [("indexing", 1, 3)]
