"""Processes that work on items, and die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from podoba.errors import SourceError
from podoba.executor import Outcome, ProcessExecutor, attempt, times
from tests.scale import work

pytestmark = pytest.mark.slow


def test_every_item_has_an_outcome() -> None:
    outcomes = list(ProcessExecutor(2).run(work.double, range(9)))
    assert sorted(outcomes, key=lambda one: one.item) == [Outcome(number, 2 * number, None, 1) for number in range(9)]
    assert multiprocessing.active_children() == []
    assert list(ProcessExecutor(2).run(work.double, [])) == []


def test_an_item_that_kills_or_raises_fails_alone(tmp_path: Path) -> None:
    items = [
        (how, number) for number, how in enumerate(["fine", "kill", "exit", "fine", "raise", "podoba", "unpicklable", "fine"])
    ]
    outcomes = {
        one.item[0]: one for one in ProcessExecutor(2).run(work.poison, items) if one.item[0] != "fine" or one.result == 7
    }
    assert (outcomes["fine"].result, outcomes["fine"].attempts) == (7, 1)
    errors = {how: one.error or "" for how, one in outcomes.items()}
    assert errors["kill"].startswith("its process was killed (SIGKILL) twice, by the memory running out perhaps")
    assert errors["exit"].startswith("its process ended with exit code 3 twice")
    assert errors["raise"] == "ValueError: number 4 is wrong"
    assert errors["podoba"] == "shelf: is empty: fill it"
    assert errors["unpicklable"].startswith("its result cannot be sent")
    assert {one.attempts for how, one in outcomes.items() if how != "fine"} == {2}
    assert multiprocessing.active_children() == []


def test_an_item_whose_process_is_killed_from_outside_is_done_by_another(tmp_path: Path) -> None:
    killed: list[int] = []
    executor = ProcessExecutor(2, attempts=3)
    outcomes = executor.run(partial(work.noted, folder=tmp_path), range(6))
    done = [next(outcomes)]
    for note in tmp_path.iterdir():
        pid = int(note.read_text())
        if pid in {child.pid for child in multiprocessing.active_children()} and not killed:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
    done += outcomes
    assert killed != []
    assert sorted((one.item, one.result, one.error) for one in done) == [(number, number, None) for number in range(6)]


def test_items_are_taken_as_fast_as_they_are_worked_on() -> None:
    taken = 0

    def count() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    outcomes = ProcessExecutor(2).run(work.double, count())
    for ended, _ in enumerate(outcomes, 1):
        assert taken <= ended + 2
        if ended == 20:
            break
    outcomes.close()  # type: ignore[attr-defined]
    assert taken <= 22
    assert multiprocessing.active_children() == []


def test_what_the_items_raise_ends_all() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise SourceError("gone")

    with pytest.raises(SourceError, match="gone"):
        list(ProcessExecutor(2).run(work.slow, broken()))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_the_end_of_the_program_is_the_end_of_its_processes(tmp_path: Path, ending: signal.Signals) -> None:
    code = f"""
from functools import partial
from pathlib import Path
from podoba.executor import ProcessExecutor
from tests.scale import work
try:
    list(ProcessExecutor(2).run(partial(work.noted, folder=Path({str(tmp_path)!r}), seconds=60), range(2)))
except KeyboardInterrupt:
    print("stopped")
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # as in a terminal, whoever runs the tests
    )  # fmt: skip
    try:
        pids = _wait_for_notes(tmp_path, 2)
        program.send_signal(ending)  # to it alone, not to its group as a terminal does
        out, err = program.communicate(timeout=20)
        assert (out, err) == ((b"stopped\n", b"") if ending == signal.SIGINT else (b"", b""))
        deadline = time.monotonic() + 10
        while any(Path("/proc", str(pid)).exists() for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [pid for pid in pids if Path("/proc", str(pid)).exists()] == []
    finally:
        program.kill()


def _wait_for_notes(folder: Path, count: int) -> list[int]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        texts = [path.read_text() for path in folder.iterdir()]
        if len(texts) == count and all(texts):
            return [int(text) for text in texts]
        time.sleep(0.05)
    raise AssertionError("the processes did not begin")


def test_processes_share_the_cores() -> None:
    before = os.environ.get("OMP_NUM_THREADS")
    cores = os.cpu_count() or 1
    outcome = next(ProcessExecutor(cores).run(work.variable, ["OMP_NUM_THREADS"]))
    assert outcome.result == "1"
    assert next(ProcessExecutor(1).run(work.variable, ["OMP_NUM_THREADS"])).result == str(cores)
    assert os.environ.get("OMP_NUM_THREADS") == before
    assert ProcessExecutor().workers == cores


def test_times_in_words() -> None:
    assert [times(count) for count in (1, 2, 3)] == ["once", "twice", "3 times"]
    assert attempt(work.double, 4) == (8, None)
