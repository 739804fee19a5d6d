"""Tests of one worker process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from podoba.serve.decoding.process import WorkerDied, WorkerProcess

REQUEST = {"operation": "preview", "name": "x", "most": 10_000, "memory": 200 << 20, "side": 20, "quality": 85}

pytestmark = pytest.mark.slow


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    started = WorkerProcess()
    yield started
    started.close()


def test_it_answers_more_than_once(worker: WorkerProcess) -> None:
    for _ in range(3):
        assert worker.ask(REQUEST, b"no picture", 20)[0]["error"] == "unreadable"
    assert worker.is_alive


def test_one_that_was_killed_is_noticed(worker: WorkerProcess) -> None:
    worker.ask(REQUEST, b"no picture", 20)
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerDied) as raised:
        worker.ask(REQUEST, b"no picture", 20)
    assert not raised.value.late
    assert not worker.is_alive


def test_one_that_takes_too_long_is_ended(worker: WorkerProcess) -> None:
    worker.ask(REQUEST, b"no picture", 20)
    os.kill(worker.pid, signal.SIGSTOP)  # it answers nothing

    def watch() -> None:
        while worker.is_alive:
            time.sleep(0.05)
            worker.end_if_late()

    watching = threading.Thread(target=watch)
    watching.start()
    with pytest.raises(WorkerDied) as raised:
        worker.ask(REQUEST, b"no picture", 0.3)
    watching.join()
    assert raised.value.late


def test_one_that_is_idle_is_not_late(worker: WorkerProcess) -> None:
    worker.ask(REQUEST, b"no picture", 20)
    worker.end_if_late()
    assert worker.ask(REQUEST, b"no picture", 20)[0]["error"] == "unreadable"
