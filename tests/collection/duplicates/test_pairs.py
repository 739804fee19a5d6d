"""Pairs that are worth comparing, beside a slow loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from podoba.collection.duplicates.pairs import candidate_pairs, pairs_by_pixels, typical_distance
from podoba.collection.duplicates.settings import DuplicateSettings
from podoba.images.compare.pixel_similarity import invariants, turned


def unit(count: int, dim: int = 16) -> np.ndarray:
    rows = np.random.default_rng(1).standard_normal((count, dim)).astype(np.float32)
    unit_rows: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit_rows


def small(photograph: Callable[..., Image.Image], count: int) -> np.ndarray:
    return np.stack([np.asarray(photograph(seed, (32, 32))) for seed in range(count)])


def test_pairs_by_pixels_are_those_of_close_invariants_however_they_are_turned(photograph: Callable[..., Image.Image]) -> None:
    pixels = small(photograph, 8)
    pixels = np.concatenate([pixels, [turned(pixels[2], 5), turned(pixels[6], 3)]])
    vectors = invariants(pixels)
    expected = {(i, j) for i in range(10) for j in range(10) if i != j and float(vectors[i] @ vectors[j]) >= 0.97}
    assert set(map(tuple, pairs_by_pixels(pixels).tolist())) == expected >= {(2, 8), (6, 9)}
    approximate = pairs_by_pixels(pixels, DuplicateSettings(exact_up_to=5))
    assert set(map(tuple, approximate.tolist())) == expected
    assert pairs_by_pixels(pixels[:1]).shape == (0, 2)


def test_near_descriptors_are_compared_and_strangers_are_not(photograph: Callable[..., Image.Image]) -> None:
    pixels, descriptors = small(photograph, 40), unit(40)
    descriptors[31] = descriptors[7] + 0.05 * descriptors[31]
    descriptors[31] /= np.linalg.norm(descriptors[31])
    settings = DuplicateSettings(neighbours=3, stranger=6, pairs_at_once=16, invariant_similarity=1.1)
    similarities = descriptors @ descriptors.T
    order = np.argsort(-similarities, axis=1, kind="stable")[:, :7]

    def nearest(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        return order[start:stop], np.take_along_axis(similarities[start:stop], order[start:stop], axis=1)

    steps: list[tuple[str, int, int]] = []
    pairs, typical = candidate_pairs(pixels, descriptors, nearest, lambda *step: steps.append(step), settings)
    expected = set()
    for i in range(40):
        for j in order[i, :4].tolist():
            if i != j and 1 - similarities[i, j] <= settings.candidate_distance * typical:
                expected.add((min(i, j), max(i, j)))
    assert set(map(tuple, pairs.tolist())) == expected >= {(7, 31)}
    assert typical == typical_distance(
        (1 - np.sort(similarities, axis=1)[:, ::-1][:, 6]).astype(np.float32), descriptors, settings
    )
    assert [step[1:] for step in steps] == [(16, 40), (32, 40), (40, 40)]


def test_where_most_images_have_copies_the_typical_distance_is_that_of_random_pairs() -> None:
    descriptors = unit(200)
    drawn = typical_distance(np.zeros(200, np.float32), descriptors)
    assert 0.4 < drawn < 0.6
    assert typical_distance(np.full(200, 0.9, np.float32), descriptors) == np.float32(0.9)
    assert typical_distance(np.zeros(0, np.float32), descriptors) == 0
