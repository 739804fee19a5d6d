from __future__ import annotations

from pathlib import Path

import pytest

from podoba.runs.history import Epoch, read_history, write_history

ROWS = [Epoch(1, 0.5, 0.75, 1e-3, 2.0, 0.625), Epoch(2, 0.1 + 0.2, None, 1e-4, 1.0)]


def test_rows_are_read_back_to_the_last_digit(tmp_path: Path) -> None:
    write_history(ROWS, tmp_path / "h.csv")
    assert read_history(tmp_path / "h.csv") == ROWS


def test_a_crash_while_writing_leaves_the_rows_before(tmp_path: Path) -> None:
    write_history(ROWS[:1], tmp_path / "h.csv")
    with pytest.raises(TypeError):
        write_history([ROWS[0], None], tmp_path / "h.csv")  # type: ignore[list-item]
    assert read_history(tmp_path / "h.csv") == ROWS[:1]
    assert [path.name for path in tmp_path.iterdir()] == ["h.csv"]


@pytest.mark.parametrize(("monitor", "expected"), [("validation_loss", [0.75, 0.1 + 0.2]), ("training_loss", [0.5, 0.1 + 0.2])])
def test_the_training_loss_stands_in_where_nothing_was_held_out(monitor: str, expected: list[float]) -> None:
    assert [row.monitored(monitor) for row in ROWS] == [(0.0, loss) for loss in expected]


def test_the_precision_chooses_and_the_loss_decides_its_ties() -> None:
    rows = [Epoch(1, 0.5, 0.75, 1e-3, 2.0, 0.5), Epoch(2, 0.4, 0.7, 1e-3, 2.0, 0.5), Epoch(3, 0.1, 0.1, 1e-3, 2.0, 0.25)]
    assert min(rows, key=lambda row: row.monitored("validation_precision")).epoch == 2
    assert min(rows, key=lambda row: row.monitored("validation_loss")).epoch == 3
