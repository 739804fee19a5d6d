from __future__ import annotations

from pathlib import Path

from PIL import Image

from podoba.report.figures.sheet import CELL, GAP
from podoba.report.study.find.sheets import sheets
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.picture_files import draw_augmentations, draw_sheets


def test_sheets_are_drawn_of_each_kind_and_variant(measured: Measured, shown: list[Shown], tmp_path: Path) -> None:
    draw_sheets(measured, shown[3:5], sheets(shown[3:5]), Sources(shown), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"results-{kind}-triplet-{augmentation}-linear-l2.png"
        for kind in ("changed", "hardest", "random")
        for augmentation in ("none", "shift-zoom-rotate")
    ]
    sheet = Image.open(tmp_path / "results-random-triplet-none-linear-l2.png")
    assert sheet.width == 11 * (CELL + GAP) + 2 * GAP


def test_without_queries_no_sheet_is_drawn(measured: Measured, shown: list[Shown], tmp_path: Path) -> None:
    sources = Sources(shown)
    sources.queries = None
    draw_sheets(measured, shown, sheets(shown), sources, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_augmentations_are_drawn_once_each(measured: Measured, shown: list[Shown], tmp_path: Path) -> None:
    draw_augmentations(measured, Sources(shown), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "augmentation-shift-zoom-rotate.png", "augmentation-shift-zoom-rotate-flip.png",
    }  # fmt: skip
