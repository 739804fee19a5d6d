from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.errors import PodobaError
from podoba.report.figures.confusion import confusion_figure
from podoba.report.figures.curves import learning_curves
from podoba.report.figures.maps import umap_figure, umap_points
from podoba.report.figures.sheet import CELL, GAP, Tile, result_sheet
from podoba.report.figures.theme import RIGHT, WRONG
from podoba.runs.history import Epoch, write_history


def colours(path: Path) -> set[tuple[int, int, int]]:
    return {tuple(c) for c in np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3).tolist()}


@pytest.mark.parametrize("classes", [2, 14, 60])
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_confusion_figure(tmp_path: Path, classes: int, ending: str) -> None:
    matrix = np.eye(classes) * 0.8 + 0.2 / classes
    path = tmp_path / "new" / f"c.{ending}"
    confusion_figure(matrix, [f"клас {i} with a rather long name" for i in range(classes)], path)
    assert path.stat().st_size > 2000
    if ending == "png":
        assert len(colours(path)) > 10


def test_figures_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        confusion_figure(np.eye(3), ["a", "b", "c"], tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("validated", [True, False])
def test_learning_curves(tmp_path: Path, validated: bool) -> None:
    rows = [Epoch(i, 1 / i, (0.5 + (i - 3) ** 2) if validated else None, 0.1, 1.0) for i in range(1, 6)]
    write_history(rows, tmp_path / "history.csv")
    learning_curves(tmp_path / "history.csv", tmp_path / "curves.png", "triplet")
    assert ((213, 94, 0) in colours(tmp_path / "curves.png")) == validated


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


def test_umap_keeps_groups_together_and_repeats(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(3, 16, dtype=np.float32)[np.arange(60) % 3]
    x = centres + 0.05 * rng.normal(size=(60, 16)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    points = umap_points(x)
    assert np.array_equal(points, umap_points(x))
    groups = [points[i::3] for i in range(3)]
    inner = max(np.linalg.norm(g - g.mean(0), axis=1).mean() for g in groups)
    outer = min(np.linalg.norm(groups[i].mean(0) - groups[j].mean(0)) for i, j in [(0, 1), (0, 2), (1, 2)])
    assert outer > 2 * inner
    umap_figure(x, [["a", "b", None][i % 3] for i in range(60)], tmp_path / "map.png")
    assert (213, 94, 0) in colours(tmp_path / "map.png") or len(colours(tmp_path / "map.png")) > 20


@pytest.mark.parametrize("n", [1, 3, 8])
def test_maps_of_very_few(tmp_path: Path, n: int) -> None:
    x = np.eye(n, 16, dtype=np.float32)
    umap_figure(x, ["a"] * n, tmp_path / "map.png")
    assert (tmp_path / "map.png").exists()
