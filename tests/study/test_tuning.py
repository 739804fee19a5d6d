from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import TrainingError
from podoba.runs.history import Epoch
from podoba.study.folder import Study, StudyFolder
from podoba.study.plan import Plan
from podoba.study.tuning import Pruning, run_search

Make = Callable[..., Plan]
RANGES = {"optimizer.lr": {"low": 0.0001, "high": 0.1, "log": True}, "head.dim": {"low": 4, "high": 16, "integer": True}}


def values(study: Study) -> list[tuple[str, object, str]]:
    return [(variant.name, variant.values, cell.status) for variant in study.variants for cell in variant.cells]


@pytest.mark.parametrize("objective", [pytest.param("validation_loss", marks=pytest.mark.thorough), "validation_knn_score"])
def test_the_best_of_the_trials_is_trained_with_the_test_images(objective: str, make: Make, tmp_path: Path) -> None:
    plan = make(axes={}, search={"ranges": RANGES, "trials": 4, "objective": objective, "pruning": False}, seeds=[0, 1])
    study = run_search(plan, tmp_path / "s")
    trials, best = study.variants[:-1], study.variants[-1]
    assert [variant.name for variant in trials] == ["trial 1", "trial 2", "trial 3", "trial 4"]
    assert all(cell.summary and cell.summary.judged_on == "validation" for variant in trials for cell in variant.cells)
    assert [cell.summary.judged_on for cell in best.cells if cell.summary] == ["test", "test"]
    assert all(0.0001 <= variant.values["optimizer.lr"] <= 0.1 for variant in trials)
    if objective == "validation_knn_score":
        judged = [-(cell.summary.knn_score or 0) for variant in trials for cell in variant.cells if cell.summary]
    else:
        judged = [cell.summary.min_validation_loss or 0 for variant in trials for cell in variant.cells if cell.summary]
    recorded = json.loads(StudyFolder(tmp_path / "s").best_settings.read_text(encoding="utf-8"))
    assert recorded["settings"] == best.values == trials[judged.index(min(judged))].values


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(make: Make, tmp_path: Path) -> None:
    plan = make(axes={}, search={"ranges": RANGES, "trials": 4, "pruning": False})
    whole = run_search(plan, tmp_path / "whole")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_search(plan, tmp_path / "parts", on_cell=stop)
    assert values(run_search(plan, tmp_path / "parts", resume=True)) == values(whole)


def test_a_search_whose_trainings_all_fail_says_so_cell_by_cell(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they failed after an epoch, which has given Optuna a value."""

    def fail(*_: object, on_epoch: Callable[[Epoch], None], **__: object) -> None:
        on_epoch(Epoch(1, 1.0, 1.0, 0.1, 0.1))
        raise TrainingError("a fault")

    monkeypatch.setattr("podoba.study.cells.train", fail)
    plan = make(axes={}, search={"ranges": RANGES, "trials": 2})
    study = run_search(plan, tmp_path / "s")
    assert [(cell.status, cell.reason) for cell in study.cells] == [("failed", "a fault")] * 2
    assert not StudyFolder(tmp_path / "s").best_settings.exists()


def test_a_hopeless_trial_is_stopped_early(make: Make, tmp_path: Path) -> None:
    ranges = {"optimizer.lr": {"low": 1e-9, "high": 0.1, "log": True}}
    plan = make(axes={}, base={"epochs": 6}, search={"ranges": ranges, "trials": 7})
    study = run_search(plan, tmp_path / "s", pruning=Pruning(trials=2, epochs=2))
    stopped = [cell for cell in study.cells if cell.stopped]
    assert stopped
    assert all("stopped by the search at epoch" in (cell.reason or "") for cell in stopped)
    best = study.variants[-1].values["optimizer.lr"]
    assert all(cell.values["optimizer.lr"] < best for cell in stopped)
    run_search(plan, tmp_path / "s")  # what was stopped on purpose leaves nothing to resume


def test_losses_of_another_kind_stop_no_trial(make: Make, tmp_path: Path) -> None:
    """Proxy-anchor's values are many times those of cross-entropy, whatever is learned."""
    ranges = {"loss.name": {"choices": ["cross-entropy", "proxy-anchor"]}}
    search = {"ranges": ranges, "trials": 9, "objective": "validation_knn_score"}
    study = run_search(make(axes={}, search=search), tmp_path / "s")
    seen: dict[str, int] = {}
    for variant in study.variants[:-1]:
        loss = variant.values["loss.name"]
        assert seen.get(loss, 0) >= 4 or not variant.cells[0].stopped
        seen[loss] = seen.get(loss, 0) + (variant.cells[0].status == "done")
    assert len(seen) == 2
