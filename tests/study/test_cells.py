from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import TrainingError
from podoba.study.cells import TrialPruned, run_cell
from podoba.study.folder import StudyFolder, status_of
from podoba.study.grid import tasks
from podoba.study.plan import Plan

Make = Callable[..., Plan]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TrainingError("two\nlines"), "two lines"),
        (TrialPruned("stopped by the search at epoch 3"), "stopped by the search at epoch 3"),
        (OSError(errno.EACCES, "Permission denied"), "PermissionError: [Errno 13] Permission denied"),
        (ZeroDivisionError("a fault"), "ZeroDivisionError: a fault"),
    ],
)
def test_what_goes_wrong_is_the_result_of_the_cell(
    error: Exception, reason: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    task = tasks(make(axes={}))[0]
    run = StudyFolder(tmp_path).run(task.key)
    with monkeypatch.context() as patch:
        patch.setattr("podoba.study.cells.train", fail)
        assert run_cell(task, tmp_path) == reason
    assert status_of(run) == "failed"
    assert run.error.read_text(encoding="utf-8") == reason + "\n"
    assert run_cell(task, tmp_path) is None
    assert status_of(run) == "done"
    assert not run.error.exists()


def test_a_full_disk_is_no_result(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("podoba.study.cells.train", full)
    with pytest.raises(OSError, match="No space left"):
        run_cell(tasks(make(axes={}))[0], tmp_path)


def test_every_epoch_is_reported(make: Make, tmp_path: Path) -> None:
    epochs: list[int] = []
    run_cell(tasks(make(axes={}))[0], tmp_path, on_epoch=lambda row: epochs.append(row.epoch))
    assert epochs == [1, 2, 3]
