"""How a command shows its progress: a bar where stderr is a terminal, else plain lines."""

import re
import sys
from collections.abc import Iterator, Sized
from contextlib import contextmanager

from podoba.cli.terminal.meter import Meter
from podoba.progress import OnProgress


@contextmanager
def meter() -> Iterator[Meter]:
    """A meter for the time of a piece of work."""
    if not sys.stderr.isatty():
        yield Meter()
        return
    from podoba.cli.terminal.progress_bar import progress_bar

    with progress_bar() as bar:
        yield bar


def over_epochs(show: Meter, name: str = "training") -> OnProgress:
    """A callback for a training: its epochs are shown as one piece of work, so that the time left is all of it."""

    def progress(stage: str, done: int, total: int) -> None:
        epoch = re.fullmatch(r"epoch (\d+)/(\d+)", stage)
        if epoch is None:
            show(stage, done, total)
        else:
            number, epochs = int(epoch[1]), int(epoch[2])
            show(f"{name}, {stage}", (number - 1) * total + done, epochs * total)

    return progress


def images_of(show: Meter, skipped: Sized) -> OnProgress:
    """A callback for work on images: their rate is shown, and how many were skipped so far."""

    def progress(stage: str, done: int, total: int) -> None:
        show(stage, done, total, unit="images", note=f"{len(skipped)} skipped" if skipped else "")

    return progress


def over_bytes(show: Meter) -> OnProgress:
    """A callback for a download: in megabytes."""

    def progress(name: str, done: int, total: int) -> None:
        show(f"fetching {name}, MB", round(done / 1e6), max(round(total / 1e6), 1), unit="MB")

    return progress
