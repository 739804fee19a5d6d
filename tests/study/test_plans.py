"""The plans that come with the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.study.grid import tasks
from podoba.study.plan import load_plan
from podoba.study.run import run_study

PLANS = sorted((Path(__file__).parents[2] / "studies").glob("*.yaml"))
TINY = ["limit_train=60", "limit_test=20", "epochs=1", "batch_size=30", "head.hidden=16", "head.dim=8", "input_size=16"]


def test_the_plans_are_there() -> None:
    names = {"paper", "architectures", "optimisers", "transfer", "overfitting", "losses", "imbalance", "augmentations"}
    assert {path.stem for path in PLANS} == names


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_variant_has_a_name_of_its_own_and_valid_settings(path: Path) -> None:
    plan = load_plan(path, train="digits:train", test="digits:test")
    all_tasks = tasks(plan)
    assert len(plan.seeds) >= 3
    assert len({task.point.name for task in all_tasks}) * len(plan.seeds) == len(all_tasks)
    assert plan.description


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.thorough] * (path.stem not in ("paper", "losses", "transfer")), id=path.stem)
        for path in PLANS
    ],
)
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
        plan = plan.model_copy(update={"axes": {"backbone.name": ["small"]}})
    if "limit_train" in plan.axes:
        plan = plan.model_copy(update={"axes": {**plan.axes, "limit_train": [60]}})
    study = run_study(plan, tmp_path)
    assert [cell.reason for cell in study.cells if cell.status != "done"] == []
