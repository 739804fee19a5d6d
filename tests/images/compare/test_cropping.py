"""Parts of pictures found by correlation."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.arrays import Floats
from podoba.images.compare.cropping import LEAST, find_part, sizes

SIDE = 32


@pytest.fixture
def wholes() -> Floats:
    """Smooth grey noise of 128x128 pixels, float32 (6, 128, 128)."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(6, 128, 128))
    waves = np.fft.fftfreq(128)
    soft = np.exp(-((waves[:, None] ** 2 + waves**2) * 1500))
    smooth = np.fft.ifft2(np.fft.fft2(noise) * soft).real
    return np.asarray(smooth / smooth.std((1, 2), keepdims=True), dtype=np.float32)


def shrunk(picture: Floats) -> Floats:
    """A picture, its sides multiples of 32, as means on 32x32 places."""
    step = len(picture) // SIDE
    return np.asarray(picture.reshape(SIDE, step, SIDE, step).mean((1, 3)), dtype=np.float32)


def test_a_part_is_found_where_it_was_cut(wholes: Floats) -> None:
    whole = np.stack([shrunk(picture) for picture in wholes])
    part = np.stack([shrunk(picture[16:112, 28:124]) for picture in wholes])  # three quarters of each side
    shares = np.broadcast_to(np.array([[0.95, 0.95], [0.75, 0.75], [0.5, 0.5]], np.float32), (6, 3, 2))
    found = find_part(whole, part, shares)
    assert (found.score > 0.95).all()
    np.testing.assert_allclose(found.box, np.tile([28 / 128, 16 / 128, 0.75, 0.75], (6, 1)), atol=1.01 / SIDE)


def test_another_picture_is_not(wholes: Floats) -> None:
    whole = np.stack([shrunk(picture) for picture in wholes])
    shares = np.broadcast_to(np.array([[0.9, 0.9], [0.75, 0.75]], np.float32), (6, 2, 2))
    assert (find_part(whole, np.roll(whole, 1, axis=0), shares).score < 0.9).all()


def test_the_score_is_the_correlation_with_the_best_window(wholes: Floats) -> None:
    whole, part = shrunk(wholes[0]), shrunk(wholes[1])
    found = find_part(whole[None], part[None], np.array([[[0.5, 0.75]]], np.float32))
    small = np.stack([rows.mean(0) for rows in np.array_split(part.repeat(24, 0), 24)])
    small = np.stack([columns.mean(1) for columns in np.array_split(small.repeat(16, 1), 16, axis=1)], axis=1)
    scores = []
    for top in range(SIDE - 24 + 1):
        for left in range(SIDE - 16 + 1):
            window = whole[top : top + 24, left : left + 16]
            if window.std() >= 0.25 * whole.std():
                scores.append((float(np.corrcoef(window.ravel(), small.ravel())[0, 1]), left, top))
    score, left, top = max(scores)
    assert found.score[0] == pytest.approx(score, abs=1e-3)
    np.testing.assert_allclose(found.box[0], [left / SIDE, top / SIDE, 0.5, 0.75])


def test_sizes_outside_the_picture_are_not_tried(wholes: Floats) -> None:
    whole = shrunk(wholes[0])[None]
    assert find_part(whole, whole, np.array([[[1.2, 0.8], [LEAST / 2, 0.8]]], np.float32)).score[0] == -1


def test_a_flat_part_lies_nowhere(wholes: Floats) -> None:
    whole = shrunk(wholes[0])[None]
    assert find_part(whole, np.full_like(whole, 3), np.array([[[0.8, 0.8]]], np.float32)).score[0] == -1


def test_sizes_keep_the_shape_of_the_part() -> None:
    found = sizes(np.array([[400, 200]], np.float32), np.array([[150, 150]], np.float32), np.array([0.5, 0.3], np.float32))
    np.testing.assert_allclose(found[0], [[0.5, 1.0], [0.3, 0.6]])  # 200x200 and 120x120 of 400x200
