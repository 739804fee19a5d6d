"""Pairs that are worth comparing, beside a slow loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from lookalikes import scene
from podoba.collection.duplicates.pairs import candidate_pairs, framed_parts, pairs_by_pixels, typical_distance
from podoba.collection.duplicates.settings import DuplicateSettings
from podoba.images.compare.pixel_similarity import invariants, turned
from podoba.images.compare.registration import box_map


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
    found = candidate_pairs(pixels, descriptors, nearest, lambda *step: steps.append(step), settings)
    expected = set()
    for i in range(40):
        for j in order[i, :4].tolist():
            if i != j and 1 - similarities[i, j] <= settings.candidate_distance * found.typical:
                expected.add((min(i, j), max(i, j)))
    assert set(map(tuple, found.pairs.tolist())) == expected >= {(7, 31)}
    assert found.typical == typical_distance(
        (1 - np.sort(similarities, axis=1)[:, ::-1][:, 6]).astype(np.float32), descriptors, settings
    )
    assert [step[1:] for step in steps] == [(16, 40), (32, 40), (40, 40)]


def test_where_most_images_have_copies_the_typical_distance_is_that_of_random_pairs() -> None:
    descriptors = unit(200)
    drawn = typical_distance(np.zeros(200, np.float32), descriptors)
    assert 0.4 < drawn < 0.6
    assert typical_distance(np.full(200, 0.9, np.float32), descriptors) == np.float32(0.9)
    assert typical_distance(np.zeros(0, np.float32), descriptors) == 0


def framed(picture: np.ndarray, left: int, top: int) -> np.ndarray:
    """A picture in a white frame, as 32x32 pixels."""
    whole = Image.new("RGB", (32 + 2 * left, 32 + 2 * top), "white")
    whole.paste(Image.fromarray(picture), (left, top))
    return np.asarray(whole.resize((32, 32), Image.Resampling.BICUBIC))


def test_what_lies_in_a_frame_is_compared_with_it_at_its_place() -> None:
    pictures = np.stack([np.asarray(scene(np.random.default_rng(number), (32, 32))) for number in range(8)])
    pixels = np.concatenate([pictures, framed(pictures[2], 8, 8)[None], framed(pictures[5], 0, 13)[None]])
    found = framed_parts(pixels)
    assert found.keys() >= {(2, 8), (5, 9)}
    assert (found[2, 8].whole, found[2, 8].part) == (8, 2)
    np.testing.assert_allclose(found[2, 8].start, box_map(1 / 6, 1 / 6, 2 / 3, 2 / 3), atol=0.05)
    np.testing.assert_allclose(found[5, 9].start, box_map(0, 13 / 58, 1, 32 / 58), atol=0.06)
    assert framed_parts(pictures[:1]) == {}


def test_the_half_of_a_collage_is_compared_with_it_at_its_place() -> None:
    pictures = np.stack([np.asarray(scene(np.random.default_rng(number), (32, 32))) for number in range(8)])
    collage = Image.new("RGB", (64, 32))
    collage.paste(Image.fromarray(pictures[3]), (32, 0))
    pixels = np.concatenate([pictures, np.asarray(collage.resize((32, 32)))[None]])
    found = framed_parts(pixels)[3, 8]
    assert (found.whole, found.part) == (8, 3)
    np.testing.assert_allclose(found.start, box_map(0.5, 0, 0.5, 1), atol=0.05)
