"""Maps by UMAP."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from podoba.collection.map.settings import MapSettings
from podoba.collection.map.umap_layout import umap_points
from podoba.errors import MissingExtra

pytestmark = pytest.mark.slow


def groups(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 4, count)
    x = (rng.normal(size=(4, 16))[kind] + 0.2 * rng.normal(size=(count, 16))).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x, kind


def kept_together(points: np.ndarray, kind: np.ndarray) -> float:
    """Share of items whose nearest other point is of their kind."""
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((kind[distances.argmin(axis=1)] == kind).mean())


def test_groups_stay_together_the_same_each_time_and_progress_is_told() -> None:
    x, kind = groups(200)
    told: list[tuple[str, int, int]] = []
    points, fitted = umap_points(x, MapSettings(), lambda *step: told.append(step))
    assert fitted == 200
    assert kept_together(points, kind) > 0.97
    assert np.array_equal(points, umap_points(x, MapSettings())[0])
    stages = [step for step in told if step[0] == "laying out"]
    assert stages[0][2] == 0  # how many rounds there will be is not known yet
    assert stages[-1][1] <= stages[-1][2]
    assert stages[-1][2] >= 200


def test_of_many_the_others_are_placed_by_their_neighbours() -> None:
    x, kind = groups(400)
    points, fitted = umap_points(x, replace(MapSettings(), fitted=150))
    assert fitted == 150
    assert kept_together(points, kind) > 0.97


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6])
def test_few(count: int) -> None:
    x, _ = groups(6)
    points, fitted = umap_points(x[:count], MapSettings())
    assert points.shape == (count, 2)
    assert fitted == count
    assert np.isfinite(points).all()


def test_without_the_extra_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtra, match=r"podoba\[map\]"):
        umap_points(groups(10)[0], MapSettings())
