"""Starting and ending the process of a job."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.storage.lock import only_writer
from podoba.serve.jobs.process import JobProcess

pytestmark = pytest.mark.slow


class Listener:
    """Notes what a process says until it has ended."""

    def __init__(self, waits_for: str = "") -> None:
        self.said: list[dict[str, Any]] = []
        self.exit_codes: list[int] = []
        self.met = threading.Event()
        self.waits_for = waits_for

    def hear(self, said: dict[str, Any]) -> None:
        self.said.append(said)
        if self.waits_for in said:
            self.met.set()

    def ended(self, exit_code: int) -> None:
        self.exit_codes.append(exit_code)


def started(path: Path, folder: Path, listener: Listener) -> JobProcess:
    return JobProcess("index", path, {"folder": str(folder), "model": "small"}, listener.hear, listener.ended)


def test_all_that_it_says_comes_before_its_end(tmp_path: Path, shapes: Path) -> None:
    listener = Listener()
    process = started(tmp_path / "new.podoba", shapes, listener)
    process.join(120)
    assert listener.exit_codes == [0]
    assert "result" in listener.said[-1]


def test_a_process_that_waits_ends_when_it_is_to(tmp_path: Path, shapes: Path) -> None:
    listener = Listener("waiting")
    with only_writer(tmp_path / "new.podoba"):
        process = started(tmp_path / "new.podoba", shapes, listener)
        assert listener.met.wait(120)
        process.stop(60)
        process.stop(60)  # twice is once
        process.join(60)
    assert listener.exit_codes == [130]


def test_a_process_that_does_not_end_is_killed(tmp_path: Path, shapes: Path) -> None:
    listener = Listener("waiting")
    with only_writer(tmp_path / "new.podoba"):
        process = started(tmp_path / "new.podoba", shapes, listener)
        assert listener.met.wait(120)
        process.stop(0)
        process.join(60)
    assert listener.exit_codes[0] in (-9, 130)  # whichever comes first
