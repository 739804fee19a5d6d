"""Neighbours of many descriptors."""

from dataclasses import replace

import numpy as np

from podoba.collection.map.neighbours import Gallery
from podoba.collection.map.settings import MapSettings
from podoba.ranking.exact import nearest


def clustered(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(20, 16))[rng.integers(0, 20, count)] + 0.3 * rng.normal(size=(count, 16))).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


def test_few_are_found_exactly_and_progress_is_told() -> None:
    x, told = clustered(500), []
    settings = replace(MapSettings(), block=1024)
    rows, similarities = Gallery(x, settings).nearest(x, 5, lambda *step: told.append(step))
    exact = nearest(x, x, 5)
    assert np.array_equal(rows, exact.indices)
    assert np.allclose(similarities, exact.similarities, atol=1e-5)
    assert [step[1:] for step in told] == [(0, 500), (128, 500), (256, 500), (384, 500), (500, 500)]


def test_many_are_found_nearly_all() -> None:
    x = clustered(3000)
    rows, _ = Gallery(x, replace(MapSettings(), exact_to=1000)).nearest(x, 10, lambda *_: None)
    exact = nearest(x, x, 10).indices
    assert np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(rows, exact, strict=True)]) > 0.97


def test_lists_that_hold_too_few_leave_places_empty() -> None:
    x = clustered(400)
    rows, similarities = Gallery(x, replace(MapSettings(), exact_to=100, probes=1)).nearest(x[:50], 300, lambda *_: None)
    assert (rows < 0).any()
    assert (similarities[rows < 0] == -1).all()
    assert (rows[:, 0] >= 0).all()
