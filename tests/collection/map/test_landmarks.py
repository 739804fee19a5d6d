"""Landmarks of a map."""

from dataclasses import replace

import numpy as np

from podoba.collection.map.landmarks import find_landmarks
from podoba.collection.map.points import MapPoints, in_order
from podoba.collection.map.settings import MapSettings

SETTINGS = replace(MapSettings(), landmark_levels=3)


def test_the_most_typical_of_each_quarter_come_first() -> None:
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [0, 9], [9, 0], [9, 9]])
    counts = [40, 30, 20, 10]
    x = np.concatenate([c + rng.normal(0, 0.3, (n, 2)) for c, n in zip(centres, counts, strict=True)]).astype(np.float32)
    points = in_order(np.arange(1, 101), x, 0)
    found = find_landmarks(points, SETTINGS)
    assert len(set(found.tolist())) == len(found) <= 100
    assert [int(np.searchsorted(np.cumsum(counts), points.numbers[i] - 1, side="right")) for i in found[:4]] == [0, 1, 2, 3]
    for i in found[:4]:  # near the middle of its quarter
        assert min(np.linalg.norm(x[points.numbers[i] - 1] - centres, axis=1)) < 0.3


def test_few_and_no_points() -> None:
    one = MapPoints(np.array([7]), np.array([[5, 5]], dtype=np.uint16))
    assert find_landmarks(one, SETTINGS).tolist() == [0]
    assert find_landmarks(one.only(np.array([False])), SETTINGS).tolist() == []


def test_only_a_fair_sample_is_looked_at() -> None:
    x = np.random.default_rng(0).random((1000, 2)).astype(np.float32)
    found = find_landmarks(in_order(np.arange(1000), x, 0), replace(SETTINGS, landmarks_from=100))
    assert found.max() < 100
