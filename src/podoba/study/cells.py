"""One training of a study: run, or recorded with the reason why it could not be."""

import errno
from pathlib import Path

from podoba.errors import PodobaError
from podoba.files import write_text
from podoba.learn.run import train
from podoba.progress import OnProgress
from podoba.runs.history import OnEpoch
from podoba.study.folder import StudyFolder
from podoba.study.task import Task


class TrialPruned(Exception):
    """Raised by a search in the middle of a training that is not worth going on with; its text is the reason."""


def run_cell(task: Task, folder: Path, on_progress: OnProgress | None = None, on_epoch: OnEpoch | None = None) -> str | None:
    """Train a cell, going on where a killed run of it stopped. What goes wrong in it is its result, and stops nothing else.

    Args:
        folder: of the study.
        on_progress: as in `train`.
        on_epoch: called after each epoch; it may end the training by `TrialPruned`.

    Returns:
        Why it was not finished; None where it was.

    Raises:
        OSError: the disk is full: no other cell can be trained either.
    """
    run = StudyFolder(folder).run(task.key)
    run.error.unlink(missing_ok=True)
    try:
        train(task.settings, run.path, on_progress=on_progress, on_epoch=on_epoch)
        return None
    except (PodobaError, TrialPruned) as error:
        reason = str(error)
    except Exception as error:  # a fault in one cell, or of a library, must not lose the others
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        reason = f"{type(error).__name__}: {error}"
    return record_failure(task, folder, reason)


def record_failure(task: Task, folder: Path, reason: str) -> str:
    """Write down why a training was not finished, in one line, and give that line back. Raises `OSError`."""
    run, line = StudyFolder(folder).run(task.key), " ".join(reason.split())
    run.path.mkdir(parents=True, exist_ok=True)
    write_text(run.error, line + "\n")
    return line
