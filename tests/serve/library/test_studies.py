from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from invented_study import finish, write_study
from podoba.errors import PodobaError, TrainingError
from podoba.serve.library.settings import LibrarySettings
from podoba.serve.library.studies import details, outline, stamp_of
from podoba.study.folder import StudyFolder

QUIET = LibrarySettings(quiet=0.0)


def test_an_outline_counts_trainings_by_how_far_they_have_come(tmp_path: Path) -> None:
    write_study(
        tmp_path, seeds=(0, 1, 2), failed={(0, 1): "diverged", (0, 2): "stopped by the search at epoch 3"}, begun={(1, 2): 3}
    )
    found = outline("losses", tmp_path)
    assert (found["name"], found["title"], found["variants"], found["cells"]) == ("losses", "Losses", 2, 6)
    assert [found[status] for status in ("done", "failed", "stopped", "pending")] == [3, 1, 1, 1]
    assert found["report"] is False


@pytest.mark.parametrize(
    ("begun", "settings", "state"),
    [({}, QUIET, "done"), ({(0, 0): 2}, LibrarySettings(), "running"), ({(0, 0): 2}, QUIET, "unfinished")],
)
def test_the_state_of_a_study(tmp_path: Path, begun: dict[tuple[int, int], int], settings: LibrarySettings, state: str) -> None:
    write_study(tmp_path, begun=begun)
    assert outline("losses", tmp_path, settings)["state"] == state


def test_what_cannot_be_read_is_listed_as_damaged(tmp_path: Path) -> None:
    write_study(tmp_path)
    StudyFolder(tmp_path).cell_list.write_text("[", encoding="utf-8")
    found = outline("losses", tmp_path)
    assert (found["state"], found["title"], found["cells"]) == ("damaged", "losses", 0)
    with pytest.raises(PodobaError):
        details("losses", tmp_path, show_paths=False)


def test_a_folder_that_is_gone_is_damaged(tmp_path: Path) -> None:
    assert outline("losses", tmp_path / "none")["state"] == "damaged"


def test_a_file_that_cannot_be_read_is_no_fault(tmp_path: Path) -> None:
    write_study(tmp_path, failed={(0, 0): "diverged"})
    run = StudyFolder(tmp_path).run("0-0")
    run.error.unlink()
    run.error.mkdir()  # also a person who may read everything cannot read a folder as a file
    assert outline("losses", tmp_path)["state"] == "damaged"
    with pytest.raises(TrainingError, match="Is a directory"):
        details("losses", tmp_path, show_paths=False)


def test_every_change_of_a_file_changes_the_stamp(tmp_path: Path) -> None:
    write_study(tmp_path, begun={(0, 0): 2})
    before = stamp_of(tmp_path)
    assert stamp_of(tmp_path) == before
    run = StudyFolder(tmp_path).run("0-0")
    os.utime(run.history, ns=(before.newest + 1, before.newest + 1))
    later = stamp_of(tmp_path)
    assert later != before
    run.error.write_text("diverged", encoding="utf-8")
    assert stamp_of(tmp_path) != later


def test_details_follow_a_training_to_its_end(tmp_path: Path) -> None:
    write_study(tmp_path, begun={(0, 0): 2})
    (first, _), _ = (row["cells"] for row in details("losses", tmp_path, show_paths=False)["rows"])
    assert (first["status"], first["epochs"], first["planned"]) == ("pending", 2, 16)
    time.sleep(0.01)  # a file system may count time in steps
    finish(StudyFolder(tmp_path).run("0-0"), 0, 0)
    (first, _), _ = (row["cells"] for row in details("losses", tmp_path, show_paths=False)["rows"])
    assert (first["status"], first["epochs"]) == ("done", 8)


def test_scores_are_means_of_the_trainings_that_are_done(tmp_path: Path) -> None:
    write_study(tmp_path, seeds=(0, 1, 2), failed={(1, 0): "diverged"}, begun={(1, 1): 1})
    found = details("losses", tmp_path, show_paths=False)
    assert found["scores"] == [
        "knn_score",
        "recall@1",
        "map@r",
        "min_validation_loss",
        "best_epoch",
        "epochs",
        "seconds_per_epoch",
    ]
    first, second = found["rows"]
    assert first["values"]["knn_score"] == pytest.approx([0.9, 0.91, 0.92])
    mean = first["means"]["knn_score"]
    assert (mean["m"], mean["n"]) == (pytest.approx(0.91), 3)
    assert mean["h"] - mean["m"] == pytest.approx(4.302653 * 0.01 / 3**0.5)  # Student's, with two degrees of freedom
    assert second["means"]["knn_score"] == {"m": pytest.approx(0.82), "l": None, "h": None, "n": 1}


def test_without_scipy_there_are_means_without_intervals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    mean = details("losses", write_study(tmp_path), show_paths=False)["rows"][0]["means"]["knn_score"]
    assert mean == {"m": pytest.approx(0.905), "l": None, "h": None, "n": 2}


def test_numbers_that_are_none_are_left_out(tmp_path: Path) -> None:
    write_study(tmp_path, seeds=(0,))
    run = StudyFolder(tmp_path).run("0-0")
    scores = json.loads(run.evaluation.read_text(encoding="utf-8"))
    run.evaluation.write_text(json.dumps(scores | {"recall@1": float("nan"), "mrr": None}), encoding="utf-8")
    found = details("losses", tmp_path, show_paths=False)
    assert "recall@1" not in found["rows"][0]["means"]
    assert "mrr" not in found["scores"]
    json.dumps(found, allow_nan=False)


def test_curves_are_of_every_training_that_has_an_epoch(tmp_path: Path) -> None:
    write_study(tmp_path, begun={(0, 0): 3}, failed={(0, 1): "diverged"})
    begun, done, _ = details("losses", tmp_path, show_paths=False)["curves"]
    assert (begun["variant"], begun["seed"], begun["epochs"], begun["best"]) == (0, 0, [1, 2, 3], None)
    assert (done["variant"], len(done["validation"])) == (1, 8)
    assert done["validation"][done["best"] - 1] == min(done["validation"])


def test_no_place_is_told_where_places_are_not_shown(tmp_path: Path) -> None:
    reason = f"{tmp_path}/cells/0-0/checkpoint.pt: damaged"
    write_study(tmp_path, [f"{tmp_path}/photos, adam", "sgd"], failed={(0, 0): reason})
    found = details("losses", tmp_path, show_paths=False)
    assert str(tmp_path) not in json.dumps(found)
    assert found["rows"][0]["name"] == "photos, adam"
    cell = found["rows"][0]["cells"][0]
    assert (cell["reason"], cell["reason_withheld"]) == (None, True)
    shown = details("losses", tmp_path, show_paths=True)["rows"][0]
    assert (shown["name"], shown["cells"][0]["reason"]) == (f"{tmp_path}/photos, adam", reason)
