"""Comparison of small pictures: invariants, turns, edits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.images.compare.pixel_similarity import SIDE, compare, invariants, turn_correlations, turned

Pixels = NDArray[np.uint8]


def test_turns_are_the_eight_symmetries(pictures: Pixels) -> None:
    seen = {turned(pictures[0], turn).tobytes() for turn in range(8)}
    assert len(seen) == 8
    np.testing.assert_array_equal(turned(pictures, 4), pictures[:, :, ::-1])
    np.testing.assert_array_equal(turned(pictures[3], 1), np.rot90(pictures[3]))


@pytest.mark.parametrize("turn", range(8))
def test_no_turn_changes_the_invariants(pictures: Pixels, turn: int) -> None:
    np.testing.assert_allclose(invariants(turned(pictures, turn)), invariants(pictures), atol=1e-4)


def test_invariants_tell_pictures_apart(pictures: Pixels) -> None:
    vectors = invariants(pictures)
    assert vectors.shape == (20, 63)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -1)
    assert similar.max() < 0.97
    flat = invariants(np.full((2, SIDE, SIDE, 3), 90, dtype=np.uint8))
    np.testing.assert_allclose(flat[0], flat[1])
    assert np.isfinite(flat).all()


@pytest.mark.parametrize("turn", range(8))
def test_compare_finds_the_turn(pictures: Pixels, turn: int) -> None:
    found = compare(turned(pictures, turn), pictures)  # the second, turned so, lies on the first
    assert (found.turn == turn).all()
    np.testing.assert_allclose(found.correlation, 1, atol=1e-3)
    np.testing.assert_allclose(found.difference, 0, atol=1e-3)
    np.testing.assert_allclose(found.agreement, 1)


def test_strangers_do_not_agree(pictures: Pixels) -> None:
    found = compare(pictures[:10], pictures[10:])
    assert (found.agreement < 0.5).all()
    assert (found.correlation < 0.9).all()


def test_correlation_and_difference_follow_their_definitions(pictures: Pixels) -> None:
    first, second = pictures[:5], pictures[5:10]
    found = compare(first, second)
    for i in range(5):
        laid = turned(second[i], int(found.turn[i])).astype(np.float64)
        assert found.difference[i] == pytest.approx(np.sqrt(((laid - first[i]) ** 2).mean()), rel=1e-4)
        correlations = []
        for turn in range(8):
            x, y = (
                z.reshape(16, 2, 16, 2, 3).mean((1, 3)) for z in (first[i].astype(float), turned(second[i], turn).astype(float))
            )
            x, y = x - x.mean((0, 1)), y - y.mean((0, 1))
            correlations.append(float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())))
        np.testing.assert_allclose(turn_correlations(first[[i]], second[[i]])[0], correlations, atol=1e-4)
        assert found.correlation[i] == pytest.approx(max(correlations), abs=1e-4)


def test_a_flat_picture_correlates_with_nothing_and_is_not_turned(pictures: Pixels) -> None:
    flat = np.full((1, SIDE, SIDE, 3), 90, dtype=np.uint8)
    assert (turn_correlations(flat, pictures[:1]) == 0).all()
    assert compare(flat, pictures[:1]).turn.tolist() == [0]


def test_brightness_contrast_and_a_caption_leave_the_rest_alike(pictures: Pixels) -> None:
    darker = (pictures * 0.6 + 12).astype(np.uint8)
    assert (compare(pictures, darker).agreement > 0.95).all()
    captioned = pictures.copy()
    captioned[:, 24:] = 255
    found = compare(pictures, captioned)
    np.testing.assert_allclose(found.agreement, 0.75, atol=0.1)
    assert (found.contrast > 10).all()


def test_no_pairs() -> None:
    nothing = np.empty((0, SIDE, SIDE, 3), dtype=np.uint8)
    assert compare(nothing, nothing).turn.shape == (0,)
    assert invariants(nothing).shape == (0, 63)
