from __future__ import annotations

from pathlib import Path

import numpy as np

from podoba.report.study.find.maps import map_points, maps
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown


def test_maps_are_computed_once(shown: list[Shown], measured: Measured, tmp_path: Path) -> None:
    calls = []

    def points(descriptors: np.ndarray) -> np.ndarray:
        calls.append(len(descriptors))
        return descriptors[:, :2].astype(np.float32)

    made = map_points(shown[:2], tmp_path, points)
    again = map_points(shown[:2], tmp_path, points)
    assert calls == [120, 120]
    assert all(np.array_equal(a, b) for a, b in zip(made, again, strict=True))
    assert made[0].min() == 0
    assert made[0].max() == 1000
    data = maps(measured, shown[:2], made)
    assert len(data["rows"]) == len(data["labels"]) == 120
    assert [len(one["points"]) for one in data["maps"]] == [240, 240]


def test_places_keep_their_proportions_in_the_square(shown: list[Shown], tmp_path: Path) -> None:
    def project(descriptors: np.ndarray) -> np.ndarray:
        return np.stack([np.arange(len(descriptors)), np.arange(len(descriptors)) / 2], axis=1).astype(np.float32)

    (places,) = map_points(shown[:1], tmp_path, project)
    assert (places.min(), places[:, 0].max(), places[:, 1].max()) == (0, 1000, 500)


def test_without_results_there_are_no_maps(measured: Measured) -> None:
    assert maps(measured, [], []) == {"maps": [], "labels": [], "rows": []}
