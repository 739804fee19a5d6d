from __future__ import annotations

import pytest

from podoba.learn.fit.phases import Phase, phases
from podoba.runs.settings_file import check_settings


@pytest.mark.parametrize(
    ("transfer", "epochs", "expected"),
    [
        ("frozen", 5, [Phase(0, 5, "frozen")]),
        ("last:2", 5, [Phase(0, 5, "last:2")]),
        ("frozen-then-finetune", 5, [Phase(0, 2, "frozen"), Phase(2, 5, "finetune")]),
        ("frozen-then-finetune", 2, [Phase(0, 2, "frozen")]),
        ("frozen-then-finetune", 1, [Phase(0, 1, "frozen")]),
    ],
)
def test_a_backbone_thaws_once(transfer: str, epochs: int, expected: list[Phase]) -> None:
    settings = {"train": "x", "epochs": epochs, "backbone": {"transfer": transfer, "frozen_epochs": 2}}
    assert phases(check_settings(settings)) == expected
