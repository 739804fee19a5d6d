from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import TrainingError
from podoba.runs.history import Epoch, write_history
from podoba.runs.settings_file import write_yaml
from podoba.study.cells import run_cell
from podoba.study.folder import PRUNED, StudyFolder, load_study, write_cell_list, writing
from podoba.study.grid import tasks
from podoba.study.plan import Plan

Make = Callable[..., Plan]


@pytest.fixture
def folder(make: Make, tmp_path: Path) -> Path:
    """A study of four trainings, none of which was run."""
    plan = make()
    write_cell_list(tasks(plan), tmp_path)
    write_yaml(plan, StudyFolder(tmp_path).plan)
    return tmp_path


def test_a_study_is_read_without_torch_and_without_what_learns() -> None:
    code = "import sys, podoba.study.folder, podoba.study.results; print({'torch', 'podoba.learn'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_cells_stand_in_the_order_of_the_plan_however_far_they_have_come(folder: Path) -> None:
    study = load_study(folder)
    assert [variant.name for variant in study.variants] == [
        f"{loss}, lr {rate}" for loss in ("cross-entropy", "proxy-anchor") for rate in (0.001, 0.01)
    ]
    assert [cell.status for cell in study.cells] == ["pending"] * 4
    first, second, third, _ = tasks(study.plan)
    run_cell(first, folder)
    for task, reason in ((second, f"{PRUNED} at epoch 2"), (third, "a fault")):
        run = StudyFolder(folder).run(task.key)
        run.path.mkdir()
        run.error.write_text(reason + "\n", encoding="utf-8")
    cells = load_study(folder).cells
    assert [(cell.status, cell.stopped, cell.reason) for cell in cells] == [
        ("done", False, None), ("failed", True, f"{PRUNED} at epoch 2"), ("failed", False, "a fault"), ("pending", False, None),
    ]  # fmt: skip
    done = cells[0]
    assert done.summary is not None
    assert done.evaluation["knn_score"] == done.summary.knn_score
    assert len(done.history) == 3
    assert done.retrieval_results() is not None
    assert cells[3].retrieval_results() is None


def test_the_epochs_of_a_training_that_did_not_end_are_read_too(folder: Path) -> None:
    key = load_study(folder).cells[1].key
    run = StudyFolder(folder).run(key)
    run.path.mkdir()
    epochs = [Epoch(1, 2.0, 2.1, 0.1, 1.0), Epoch(2, 1.0, None, 0.1, 1.0)]
    write_history(epochs, run.history)
    assert [(cell.status, cell.history) for cell in load_study(folder).cells][:2] == [("pending", []), ("pending", epochs)]
    run.error.write_text("a fault", encoding="utf-8")
    assert (load_study(folder).cells[1].status, load_study(folder).cells[1].history) == ("failed", epochs)


def test_names_are_kept_where_the_images_are_no_longer_there(folder: Path) -> None:
    files = StudyFolder(folder)
    rows = json.loads(files.cell_list.read_text(encoding="utf-8"))
    for row in rows:
        row["settings"]["train"] = "removed"
    files.cell_list.write_text(json.dumps(rows), encoding="utf-8")
    assert [cell.settings["train"] for cell in load_study(folder).cells] == ["removed"] * 4


def test_a_folder_without_a_study(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no study here"):
        load_study(tmp_path)


@pytest.mark.parametrize("text", ["[{", '[{"key": "x"}]', "[3]"])
def test_a_damaged_list_of_cells_is_named(text: str, folder: Path) -> None:
    StudyFolder(folder).cell_list.write_text(text, encoding="utf-8")
    with pytest.raises(TrainingError, match=r"cells\.json: damaged"):
        load_study(folder)


def test_a_damaged_cell_is_named(folder: Path) -> None:
    task = tasks(load_study(folder).plan)[0]
    run_cell(task, folder)
    StudyFolder(folder).run(task.key).summary.write_text(json.dumps({"run": 1}), encoding="utf-8")
    with pytest.raises(TrainingError, match="delete this folder"):
        load_study(folder)


def test_errors_of_the_disk_say_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"missing: No such file or directory: .*--resume"), writing(tmp_path):
        (tmp_path / "missing").read_text(encoding="utf-8")
