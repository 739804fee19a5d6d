"""Tasks on a cluster, of which processes and nodes are killed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from podoba.executor import Outcome, ProcessExecutor
from podoba.scale.ray_cluster import ClusterError
from podoba.scale.ray_executor import RayExecutor, RaySettings, environment_of, open_executor
from tests.scale import work
from tests.scale.servers.ray_cluster import Cluster

scale = pytest.mark.scale


@pytest.mark.parametrize("on", ["roy", "ray:", "ray:here", "ray:ray://10.0.0.1:10001", "ray:127.0.0.1:99999", "ray:127.0.0.1:1"])
def test_a_place_that_is_none_is_one_line(on: str) -> None:
    with pytest.raises(ClusterError, match=r"^\S+: [^\n]+$"):
        open_executor(on)


def test_without_a_place_it_is_this_machine() -> None:
    executor = open_executor(None, 3)
    assert isinstance(executor, ProcessExecutor)
    assert executor.workers == 3


def test_what_the_processes_of_the_nodes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_DEVICE", "cpu")
    told = environment_of(RaySettings(cpus=2))
    assert (told["OMP_NUM_THREADS"], told["PODOBA_DEVICE"], told["RAY_USAGE_STATS_ENABLED"]) == ("2", "cpu", "0")
    monkeypatch.delenv("PODOBA_DEVICE")
    told = environment_of(RaySettings(cpus=0.5))
    assert told["OMP_NUM_THREADS"] == "1"
    assert "PODOBA_DEVICE" not in told


@scale
def test_every_item_has_an_outcome_in_the_folder_and_with_the_threads_of_the_program(
    ray_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = open_executor(f"ray:{ray_cluster.address}")
    assert executor.workers == 2
    outcomes = list(executor.run(work.double, range(9)))
    assert sorted(outcomes, key=lambda one: one.item) == [Outcome(number, 2 * number, None, 1) for number in range(9)]
    monkeypatch.chdir(tmp_path)
    assert next(executor.run(work.folder, [0])).result == str(tmp_path)
    assert next(executor.run(work.variable, ["OMP_NUM_THREADS"])).result == "1"


@scale
def test_an_item_that_kills_or_raises_fails_alone(ray_cluster: Cluster) -> None:
    items = [(how, number) for number, how in enumerate(["fine", "kill", "fine", "raise", "podoba", "fine"])]
    outcomes = {one.item: one for one in RayExecutor().run(work.poison, items)}
    assert {item: (one.result, one.attempts) for item, one in outcomes.items() if one.error is None} == {
        item: (item[1], 1) for item in items if item[0] == "fine"
    }
    errors = {one.item[0]: one.error for one in outcomes.values() if one.error is not None}
    assert (errors["kill"] or "").startswith("its process was killed twice, by the memory running out perhaps")
    assert errors["raise"] == "ValueError: number 3 is wrong"
    assert errors["podoba"] == "shelf: is empty: fill it"
    assert {one.attempts for one in outcomes.values() if one.error is not None} == {2}


@scale
def test_items_are_taken_as_fast_as_they_are_worked_on_and_what_runs_is_ended(ray_cluster: Cluster, tmp_path: Path) -> None:
    taken = 0

    def count() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    ahead = RaySettings().ahead * 2
    outcomes = RayExecutor().run(work.double, count())
    for ended, _ in enumerate(outcomes, 1):
        assert taken <= ended + ahead
        if ended == 20:
            break
    outcomes.close()  # type: ignore[attr-defined]
    assert [one.result for one in RayExecutor(1).run(work.double, [1, 2, 3])] == [2, 4, 6]  # one at a time keeps their order


@scale
def test_ctrl_c_ends_what_runs(ray_cluster: Cluster, tmp_path: Path) -> None:
    outcomes = RayExecutor().run(partial(work.noted, folder=tmp_path, seconds=1000), range(4))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, whoever runs the tests
    threading.Timer(3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            next(outcomes)
    finally:
        signal.signal(signal.SIGINT, before)
    assert next(RayExecutor().run(work.double, [21])).result == 42  # there is room again


@scale
def test_what_the_nodes_do_not_have_is_one_line(ray_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "only_here.py").write_text("def double(number):\n    return 2 * number\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here  # type: ignore[import-not-found]

    with pytest.raises(ClusterError, match=r"do not have what this program has \(No module named 'only_here'\): inst"):
        list(RayExecutor().run(only_here.double, [1]))
    monkeypatch.setattr("podoba.scale.ray_executor.version", lambda name: "99")
    with pytest.raises(ClusterError, match=r"has podoba .*, and this program is 99: install one version"):
        list(RayExecutor().run(work.double, [1]))
    del sys.modules["only_here"]
