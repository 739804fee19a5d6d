from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.report.figures.maps import umap_figure, umap_points
from podoba.report.figures.theme import COLOURS


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
    pixels = np.asarray(Image.open(tmp_path / "map.png").convert("RGB")).astype(int)
    for group in COLOURS[:3]:  # each class in its own colour, seen through on white
        pure = np.array([int(group[i : i + 2], 16) for i in (1, 3, 5)])
        seen_through = np.round(0.7 * pure + 0.3 * 255)
        assert (np.abs(pixels - seen_through).max(axis=-1) <= 2).sum() > 20


@pytest.mark.parametrize("n", [1, 3, 8])
def test_maps_of_very_few(tmp_path: Path, n: int) -> None:
    x = np.eye(n, 16, dtype=np.float32)
    umap_figure(x, ["a"] * n, tmp_path / "map.png")
    assert (tmp_path / "map.png").exists()
