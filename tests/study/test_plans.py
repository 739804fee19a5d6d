"""The plans that come with the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.study.estimate import estimate, estimate_search
from podoba.study.grid import tasks
from podoba.study.plan import check_plan, load_plan
from podoba.study.run import run_study

PLANS = sorted((Path(__file__).parents[2] / "studies").glob("*.yaml"))
TINY = ["limit_train=60", "limit_test=20", "epochs=1", "batch_size=30", "head.hidden=16", "head.dim=8", "input_size=16"]


def test_the_plans_are_there() -> None:
    names = {"paper", "architectures", "optimisers", "transfer", "overfitting", "losses", "imbalance", "augmentations"}
    assert {path.stem for path in PLANS} == names


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_variant_is_told_apart_and_understood(path: Path) -> None:
    plan = load_plan(path, train="digits:train", test="digits:test")
    found = tasks(plan)
    assert len(plan.seeds) >= 3
    assert len({task.point.name for task in found}) * len(plan.seeds) == len(found)
    assert plan.description


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_two_cells_of_each_can_be_run(path: Path, tmp_path: Path) -> None:
    plan = load_plan(path, TINY, train="digits:train", test="digits:test")
    few = {axis: values[-2:] for axis, values in plan.axes.items()}
    changed = {
        "axes": {axis: values if i == 0 else values[:1] for i, (axis, values) in enumerate(few.items())},
        "cells": plan.cells[-1:],
        "seeds": [0],
    }
    plan = plan.model_copy(update=changed)
    if path.stem == "architectures":  # others need their publishers' weights
        plan = plan.model_copy(update={"axes": {"backbone.name": ["starter"]}})
    if "limit_train" in plan.axes:
        plan = plan.model_copy(update={"axes": {**plan.axes, "limit_train": [60]}})
    study = run_study(plan, tmp_path)
    assert [cell.reason for variant in study.variants for cell in variant.cells if cell.status != "done"] == []


def test_an_estimate_of_a_search_is_that_of_the_middle_of_its_ranges(tmp_path: Path) -> None:
    base = {"train": "digits:train", "limit_train": 60, "epochs": 1, "backbone": {"name": "small-digits", "pretrained": False}}
    ranges = {
        "optimizer.lr": {"low": 0.001, "high": 0.1, "log": True}, "head.dim": {"low": 4, "high": 9, "integer": True},
        "loss.name": {"choices": ["triplet", "supcon"]},
    }  # fmt: skip
    search = {"ranges": ranges, "trials": 5, "objective": "validation_knn_score"}
    first, others = estimate_search(check_plan({"base": base, "search": search, "seeds": [0, 1]}, "plan"), tmp_path)
    assert first.task.point.values == {"optimizer.lr": pytest.approx(0.01), "head.dim": 6, "loss.name": "triplet"}
    assert (first.times, others.times) == (1, 6)
    assert 0 < others.seconds <= first.seconds


def test_an_estimate_counts_what_is_shared_once_and_what_is_done_not_at_all(tmp_path: Path) -> None:
    plan = load_plan(PLANS[[path.stem for path in PLANS].index("paper")], TINY, train="digits:train", test="digits:test")
    plan = plan.model_copy(update={"axes": {"loss.name": ["cross-entropy", "triplet"]}, "cells": [], "seeds": [0, 1]})
    found = tasks(plan)
    expected = estimate(found, tmp_path)
    assert [one.how for one in expected] == ["steps timed now", "as its first seed"] * 2
    assert all(one.seconds > 0 for one in expected)
    run_study(plan.model_copy(update={"seeds": [0]}), tmp_path)
    expected = estimate(found, tmp_path)
    assert [(one.done, one.how) for one in expected] == [(True, "finished"), (False, "as its other seeds took")] * 2
    assert expected[0].seconds == 0
