"""A study on a cluster, of which a node is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.scale.ray_executor import open_executor
from podoba.study.plan import Plan, check_plan
from podoba.study.run import run_study
from tests.scale.servers.ray_cluster import Cluster

pytestmark = pytest.mark.scale


@pytest.fixture
def plan() -> Plan:
    base = {
        "train": "digits:train", "test": "digits:test", "limit_train": 120, "limit_test": 40, "epochs": 2, "batch_size": 40,
        "backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen"}, "head": {"hidden": 16, "dim": 8},
    }  # fmt: skip
    axes = {"loss.name": ["cross-entropy", "proxy-anchor"], "optimizer.lr": [0.001, 0.01]}
    return check_plan({"title": "digits", "base": base, "axes": axes}, "plan")


def test_a_node_that_dies_costs_a_training_a_retry(ray_cluster: Cluster, plan: Plan, tmp_path: Path) -> None:
    ended: list[int] = []

    def kill_at_the_first(task: object, reason: str | None, count: int, total: int) -> None:
        assert (reason, total) == (None, 4)
        ended.append(count)
        if count == 1:
            ray_cluster.nodes[0].kill()

    study = run_study(plan, tmp_path / "s", executor=open_executor(f"ray:{ray_cluster.address}"), on_cell=kill_at_the_first)
    assert ended == [1, 2, 3, 4]
    assert [cell.status for cell in study.cells] == ["done"] * 4
