from __future__ import annotations

import pytest

from podoba.learn.fit.phases import Phase, phases, with_more_epochs
from podoba.runs.settings_file import check_settings


@pytest.mark.parametrize(
    ("transfer", "epochs", "restarts", "expected"),
    [
        ("frozen", 5, [], [Phase(0, 5, "frozen")]),
        ("last:2", 5, [], [Phase(0, 5, "last:2")]),
        ("frozen-then-finetune", 5, [], [Phase(0, 2, "frozen"), Phase(2, 5, "finetune")]),
        ("frozen-then-finetune", 2, [], [Phase(0, 2, "frozen")]),
        ("frozen-then-finetune", 1, [], [Phase(0, 1, "frozen")]),
        ("frozen", 5, [3], [Phase(0, 3, "frozen"), Phase(3, 5, "frozen")]),
        ("frozen-then-finetune", 6, [1, 4], [Phase(0, 1, "frozen"), Phase(1, 2, "frozen"), Phase(2, 4, "finetune"),
                                             Phase(4, 6, "finetune")]),
        ("frozen", 3, [3, 9], [Phase(0, 3, "frozen")]),
    ],
)  # fmt: skip
def test_a_backbone_thaws_once_and_a_schedule_begins_anew(
    transfer: str, epochs: int, restarts: list[int], expected: list[Phase]
) -> None:
    settings = {"train": "x", "epochs": epochs, "backbone": {"transfer": transfer, "frozen_epochs": 2}}
    assert phases(check_settings({**settings, "schedule": {"restarts": restarts}})) == expected


@pytest.mark.parametrize(("schedule", "restarts"), [("one-cycle", [7]), ("cosine", [7]), ("constant", []), ("step", [])])
def test_further_epochs_restart_what_has_come_to_its_end(schedule: str, restarts: list[int]) -> None:
    longer = with_more_epochs(check_settings({"train": "x", "epochs": 20, "schedule": {"name": schedule}}), 7, 4)
    assert (longer.epochs, longer.schedule.restarts) == (11, restarts)
