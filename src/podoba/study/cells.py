"""One training of a study: run, or written down with the reason why it could not be."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from podoba.errors import PodobaError
from podoba.learn.run import train
from podoba.progress import OnProgress
from podoba.runs.history import Epoch
from podoba.runs.run_folder import RunFolder
from podoba.study.folder import CELLS
from podoba.study.grid import Task

OnEpoch = Callable[[Epoch], None]


class Stopped(Exception):
    """Raised by a search in the middle of a training that is not worth going on with; its text is the reason."""


@dataclass(frozen=True)
class Ended:
    """How a training ended; `reason` is None where it was finished."""

    key: str
    reason: str | None


def run_cell(task: Task, folder: Path, on_progress: OnProgress | None = None, on_epoch: OnEpoch | None = None) -> Ended:
    """Train a cell, going on where a killed run of it stopped. What goes wrong in it is its result, and stops nothing else.

    Raises:
        OSError: nothing can be written, a full disk above all.
    """
    place = folder / CELLS / task.key
    error_file = RunFolder(place).error
    error_file.unlink(missing_ok=True)
    reason: str | None = None
    try:
        train(task.settings, place, on_progress=on_progress, on_epoch=on_epoch)
    except (PodobaError, Stopped) as error:
        reason = " ".join(str(error).split())
    except OSError as error:
        if error.errno == errno.ENOSPC:  # then no other cell can be trained either
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
    except Exception as error:  # a fault in one cell, or of a library, must not lose the others
        reason = " ".join(f"{type(error).__name__}: {error}".split())
    if reason is not None:
        place.mkdir(parents=True, exist_ok=True)
        error_file.write_text(reason + "\n", encoding="utf-8")
    return Ended(task.key, reason)
