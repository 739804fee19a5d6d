from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.study.estimate import estimate, estimate_search
from podoba.study.grid import tasks
from podoba.study.plan import Plan, check_plan
from podoba.study.run import run_study

Make = Callable[..., Plan]


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


def test_an_estimate_counts_what_is_shared_once_and_what_is_done_not_at_all(make: Make, tmp_path: Path) -> None:
    plan = make(axes={"loss.name": ["cross-entropy", "triplet"]}, seeds=[0, 1])
    all_tasks, progress = tasks(plan), list[tuple[str, int, int]]()
    expected = estimate(all_tasks, tmp_path, lambda *step: progress.append(step))
    assert progress == [("timing steps", i, 4) for i in (1, 2, 3, 4)]
    assert [one.how for one in expected] == ["steps timed now", "as its first seed"] * 2
    assert all(one.seconds > 0 for one in expected)
    run_study(plan.model_copy(update={"seeds": [0]}), tmp_path)
    expected = estimate(all_tasks, tmp_path)
    assert [(one.done, one.how) for one in expected] == [(True, "finished"), (False, "as its other seeds took")] * 2
    assert expected[0].seconds == 0


def test_what_is_not_cached_is_computed_at_the_end_of_each_training(make: Make, tmp_path: Path) -> None:
    plan = make(axes={}, base={"backbone": {"name": "small-digits", "pretrained": False, "transfer": "scratch"}})
    [scratch] = estimate(tasks(plan), tmp_path)
    [longer] = estimate(tasks(make(axes={}, base={**plan.base, "epochs": 300})), tmp_path)
    assert longer.seconds > 10 * scratch.seconds > 0
