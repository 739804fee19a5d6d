from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from podoba.errors import PodobaError
from podoba.report.figures.sheet import CELL, GAP, TEXT, Tile, result_sheet
from podoba.report.figures.theme import RIGHT, WRONG


def test_sheet_frames_tell_right_from_wrong(tmp_path: Path) -> None:
    picture = Image.new("RGB", (30, 20), (10, 200, 10))
    hits = [Tile(picture, "кіт", "0.9", True), Tile(picture, "пес", "0.8", False), Tile(None, "gone", "0.7", None)]
    result_sheet([(Tile(picture, "кіт", "query"), hits)] * 2, tmp_path / "sheet.png")
    sheet = Image.open(tmp_path / "sheet.png")
    assert sheet.width == 4 * (CELL + GAP) + 2 * GAP
    right, wrong = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (RIGHT, WRONG))
    assert sheet.getpixel((2 * GAP + CELL + GAP + 1, GAP + 1)) == right
    assert sheet.getpixel((2 * GAP + 2 * (CELL + GAP) + 1, GAP + 1)) == wrong
    with pytest.raises(PodobaError, match=r"end the name in \.png"):
        result_sheet([], tmp_path / "sheet.nonsense")


def test_long_and_unprintable_names_are_fitted(tmp_path: Path) -> None:
    tile = Tile(Image.new("RGB", (300, 200), "red"), "a name that is far too long for a tile of this width\n", "")
    result_sheet([(tile, [])], tmp_path / "new" / "sheet.png")
    sheet = Image.open(tmp_path / "new" / "sheet.png")
    right_of_tile = sheet.crop((GAP + CELL + 1, GAP + CELL + 4, 2 * GAP + CELL - 2, sheet.height))
    assert right_of_tile.getcolors() == [(right_of_tile.width * right_of_tile.height, (255, 255, 255))]


@pytest.mark.parametrize(("count", "columns", "lines"), [(0, 1, 1), (1, 2, 1), (10, 11, 1), (11, 11, 2), (30, 11, 3)])
def test_many_results_take_several_lines(tmp_path: Path, count: int, columns: int, lines: int) -> None:
    colours = [(10 + 7 * i, 0, 200 - 6 * i) for i in range(count)]
    query = Tile(Image.new("RGB", (CELL, CELL), "black"), "query")
    hits = [Tile(Image.new("RGB", (CELL, CELL), colour), "hit") for colour in colours]
    result_sheet([(query, hits), (query, hits[:1])], tmp_path / "sheet.png")
    sheet = Image.open(tmp_path / "sheet.png")
    step_x, step_y = CELL + GAP, CELL + TEXT + GAP
    assert sheet.size == (max(columns, 1 + min(count, 1)) * step_x + 2 * GAP, (lines + 1) * step_y + GAP)
    for i, colour in enumerate(colours):
        y, x = divmod(i, 10)
        place = (2 * GAP + (x + 1) * step_x + CELL // 2, GAP + y * step_y + CELL // 2)
        assert sheet.getpixel(place) == colour
    assert sheet.getpixel((GAP + CELL // 2, GAP + lines * step_y + CELL // 2)) == (0, 0, 0)  # the next query
