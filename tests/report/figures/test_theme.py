from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import PodobaError
from podoba.report.figures.theme import figure, grid, save


def test_panels_come_row_by_row_in_one_size() -> None:
    drawn, axes = grid(2, 3, 2.0, 1.5)
    assert len(axes) == 6
    assert drawn.get_size_inches().tolist() == [6.0, 3.0]


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_figure_is_the_same_each_time(tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        drawn, axes = figure(3, 2)
        axes.plot([1, 2], [3, 4], label="x")
        save(drawn, tmp_path / name / f"figure.{ending}")
    assert (tmp_path / "a" / f"figure.{ending}").read_bytes() == (tmp_path / "b" / f"figure.{ending}").read_bytes()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    drawn, _ = figure(1, 1)
    with pytest.raises(PodobaError, match=r"folder\.png: the figure cannot be written"):
        save(drawn, tmp_path / "folder.png")
