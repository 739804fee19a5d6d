from __future__ import annotations

import csv
import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.errors import TrainingError
from podoba.executor import ProcessExecutor
from podoba.runs.settings_file import write_yaml
from podoba.study.folder import Study, StudyFolder, load_study
from podoba.study.plan import Plan
from podoba.study.run import changes, run_study

Make = Callable[..., Plan]
FULL = os.environ.get("PODOBA_FULL") == "1"  # `make durability`
KILLS, SEEDS = (10, 8) if FULL else (2, 2)


def scores(study: Study) -> dict[str, Any]:
    """All that must not depend on how a study was run."""
    by_key = {}
    for cell in study.cells:
        results = cell.retrieval_results()
        assert results is not None
        losses = [(row.training_loss, row.validation_loss) for row in cell.history]
        by_key[cell.key] = (cell.name, cell.seed, losses, cell.evaluation, results.indices.tolist())
    return by_key


def test_every_cell_is_run_once_and_written_down(make: Make, tmp_path: Path) -> None:
    ended: list[tuple[int, int]] = []
    study = run_study(make(), tmp_path / "s", on_cell=lambda task, outcome, done, total: ended.append((done, total)))
    assert ended == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert study.variants[0].name == "cross-entropy, lr 0.001"
    cell = study.variants[0].cells[0]
    results = cell.retrieval_results()
    assert cell.status == "done"
    assert cell.summary is not None
    assert results is not None
    assert cell.summary.knn_score == cell.evaluation["knn_score"]
    assert results.queries.shape == (40, 8)
    assert results.gallery_rows.shape == (120,)
    np.testing.assert_allclose(np.linalg.norm(results.queries.astype(float), axis=1), 1, atol=1e-2)
    with (tmp_path / "s" / "results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["done"] * 4
    assert float(rows[0]["knn_score"]) == cell.summary.knn_score
    assert {row["optimizer.lr"] for row in rows} == {"0.001", "0.01"}

    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "s" / "cells").glob("*/model.onnx")}
    larger = make(axes={"loss.name": ["cross-entropy", "proxy-anchor"], "optimizer.lr": [0.001, 0.01, 0.1]})
    assert changes(larger, tmp_path / "s") == ["axes"]
    run_study(larger, tmp_path / "s")
    assert len(list((tmp_path / "s" / "cells").glob("*/model.onnx"))) == 6
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())


def test_a_failing_cell_says_why_and_the_others_go_on(make: Make, tmp_path: Path) -> None:
    plan = make(axes={"backbone.transfer": ["last:99", "frozen"]})
    study = run_study(plan, tmp_path / "s")
    first, second = (variant.cells[0] for variant in study.variants)
    assert first.status == "failed"
    assert "stages" in (first.reason or "")
    assert second.status == "done"
    with pytest.raises(TrainingError, match=r"1 of 2 trainings are not finished: add --resume"):
        run_study(plan, tmp_path / "s")
    again = run_study(plan, tmp_path / "s", resume=True)
    assert again.variants[0].cells[0].status == "failed"  # tried again, for the same reason


@pytest.mark.thorough
def test_workers_come_to_the_same(make: Make, tmp_path: Path) -> None:
    plan = make(
        axes={"loss.name": ["cross-entropy", "triplet"], "augmentation.name": ["none", "flip"]},
        base={"augmentation": {"views": 2}},
    )
    alone = run_study(plan, tmp_path / "alone")
    shown: list[tuple[str, int, int]] = []
    together = run_study(plan, tmp_path / "together", executor=ProcessExecutor(2), on_progress=lambda *step: shown.append(step))
    assert shown == [("trainings", ended, 4) for ended in range(5)]
    assert scores(alone) == scores(together)
    assert os.environ.get("OMP_NUM_THREADS") != "0"


KILLER = """
import os, signal
from pathlib import Path
from typing import Literal
from podoba.runs.loss_settings import CrossEntropy, PluginLoss

class Killer(PluginLoss):
    name: Literal["killer"] = "killer"
    times: int
    notes: str
    needs_logits = True

    def build(self, **facts):
        from podoba.learn.losses.registry import build_loss
        with open(self.notes, "a") as file:
            file.write(f"{os.getpid()}\\n")
        if len(Path(self.notes).read_text().split()) <= self.times:
            os.kill(os.getpid(), signal.SIGKILL)
        return build_loss(CrossEntropy(), **facts)
"""


@pytest.mark.thorough  # the executor is tested in tests/test_executor.py
def test_a_worker_that_is_killed_costs_its_training_a_second_try_and_the_others_nothing(
    make: Make, tmp_path: Path, install_plugin: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    install_plugin("killers", "killer_losses", KILLER, "killer = killer_losses:Killer")
    kills = {"once": 1, "always": 99}
    cells = [
        {"name": name, "set": {"loss": {"name": "killer", "times": times, "notes": str(tmp_path / name)}}}
        for name, times in kills.items()
    ]
    plan = make(axes={"loss.name": ["cross-entropy", "proxy-anchor"]}, cells=cells, seeds=[0])
    ended: list[tuple[str, str | None, int]] = []
    study = run_study(
        plan,
        tmp_path / "s",
        executor=ProcessExecutor(2),
        on_cell=lambda task, reason, done, total: ended.append((task.point.name, reason, done)),
    )
    assert [done for _, _, done in ended] == [1, 2, 3, 4]
    outcomes = {(cell.name, cell.seed): (cell.status, cell.reason) for cell in study.cells}
    assert [key for key, (status, _) in outcomes.items() if status != "done"] == [("always", 0)]
    assert "its process was killed (SIGKILL) twice" in (outcomes["always", 0][1] or "")
    assert {reason for name, reason, _ in ended if name != "always"} == {None}
    assert len((tmp_path / "always").read_text().split()) == 2
    assert len((tmp_path / "once").read_text().split()) == 2
    assert [
        message for message in caplog.messages if "once, seed 0: its process was killed once: it was tried again" in message
    ] != []
    assert multiprocessing.active_children() == []


@pytest.mark.thorough
def test_killed_at_random_moments_and_resumed_it_comes_to_the_same(make: Make, tmp_path: Path) -> None:
    plan = make(seeds=list(range(SEEDS)), base={"epochs": 4})
    whole = run_study(plan, tmp_path / "whole")
    write_yaml(plan, tmp_path / "plan.yaml")
    code = (
        "import sys; from pathlib import Path; from podoba.study.plan import load_plan; from podoba.study.run import run_study;"
        "print('ready', flush=True); run_study(load_plan(Path(sys.argv[1])), Path(sys.argv[2]), resume=True)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "plan.yaml"), str(tmp_path / "killed")]
    rng = np.random.default_rng(3)
    unfinished = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(float(rng.uniform(0.05, 1.5)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        done = len(list((tmp_path / "killed" / "cells").glob("*/summary.json")))
        unfinished += done < len(scores(whole))
    assert unfinished > KILLS // 2  # else the kills came too late to try anything
    killed = run_study(plan, tmp_path / "killed", resume=True)
    assert scores(killed) == scores(whole)


def test_a_finished_study_is_not_put_away_by_another(make: Make, tmp_path: Path) -> None:
    plan = make(axes={})
    run_study(plan, tmp_path / "s")
    another = make(axes={}, base={"epochs": 1}, title="another")
    with pytest.raises(TrainingError, match="holds the study 'digits', and this plan asks for none of its trainings"):
        run_study(another, tmp_path / "s")
    assert load_study(tmp_path / "s").plan == plan
    assert run_study(another, tmp_path / "s", resume=True).plan.title == "another"


def test_a_full_disk_stops_the_study_and_says_how_to_go_on(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("podoba.study.cells.train", full)
        with pytest.raises(TrainingError, match=r"No space left on device: .*with --resume"):
            run_study(make(), tmp_path / "s")
    study = run_study(make(), tmp_path / "s", resume=True)
    assert {cell.status for cell in study.cells} == {"done"}


def test_a_damaged_list_of_cells_is_written_again(make: Make, tmp_path: Path) -> None:
    run_study(make(axes={}), tmp_path / "s")
    StudyFolder(tmp_path / "s").cell_list.write_text("[{", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"cells\.json: damaged"):
        run_study(make(axes={}), tmp_path / "s")
    assert run_study(make(axes={}), tmp_path / "s", resume=True).variants


def test_a_folder_that_is_a_file(make: Make, tmp_path: Path) -> None:
    (tmp_path / "s").write_text("not a folder")
    with pytest.raises(TrainingError, match="Not a directory"):
        run_study(make(), tmp_path / "s")
