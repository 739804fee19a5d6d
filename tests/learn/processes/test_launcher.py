from __future__ import annotations

import pytest

from podoba.errors import SettingsError
from podoba.learn.processes.launcher import Launch, launch_of
from podoba.runs.settings_file import check_settings


def torchrun(world: int, here: int) -> dict[str, str]:
    return {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": str(world), "LOCAL_WORLD_SIZE": str(here)}


def test_torchrun_says_how_many_and_the_settings_may_agree() -> None:
    assert launch_of(check_settings({"train": "x"}), torchrun(32, 8)) == Launch(8, 4, external=True)
    assert launch_of(check_settings({"train": "x", "devices": 8, "nodes": 4}), torchrun(32, 8)).processes == 32
    assert launch_of(check_settings({"train": "x", "devices": 2}), {"WORLD_SIZE": "9"}) == Launch(2, 1, external=False)


@pytest.mark.parametrize(
    ("settings", "environment", "said"),
    [
        ({"devices": 2}, torchrun(8, 8), "--nproc-per-node 8"),
        ({"nodes": 2}, torchrun(32, 8), "--nnodes 4"),
        ({"nodes": 2}, {}, "need a launcher"),
        ({}, torchrun(5, 3), "give each machine as many"),
    ],
)
def test_contradictions_are_errors(settings: dict[str, int], environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        launch_of(check_settings({"train": "x", **settings}), environment)
