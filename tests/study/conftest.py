"""A study that takes seconds: heads on frozen random features of digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from podoba.study.plan import Plan, check_plan

BASE: dict[str, Any] = {
    "train": "digits:train",
    "test": "digits:test",
    "limit_train": 120,
    "limit_test": 40,
    "epochs": 3,
    "batch_size": 40,
    "backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen"},
    "head": {"hidden": 16, "dim": 8},
}
AXES: dict[str, Any] = {"loss.name": ["cross-entropy", "proxy-anchor"], "optimizer.lr": [0.001, 0.01]}

Make = Callable[..., Plan]


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path_factory.getbasetemp() / "study-cache"))


@pytest.fixture
def make() -> Make:
    def plan(**changes: Any) -> Plan:
        base = {**BASE, **changes.pop("base", {})}
        return check_plan({"title": "digits", "base": base, "axes": AXES, **changes}, "plan")

    return plan
