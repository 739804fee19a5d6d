"""The chance of a pair beside what is usual for its query."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.models.calibration import FEW, LEAST, Background, Calibration

CALIBRATION = Calibration(nearness=1.8, contrast=0.4, intercept=-4, usual_mean=0.3, usual_spread=0.15)
COSINES = st.floats(-1.0, 1.0, width=32)


def unit(rows: int, dim: int, seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal((rows, dim))
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(0, 30), st.integers(0, 10**6))
def test_chances_equal_a_slow_loop(queries: int, drawn: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked, images = unit(queries, 5, seed), unit(drawn, 5, seed + 1)
    hidden = rng.random((queries, drawn)) < 0.3
    similarities = rng.uniform(-1, 1, (7, queries))
    found = CALIBRATION.probability(similarities, Background.of(asked, images, hidden))
    for row in range(7):
        for column in range(queries):
            shown = [float(asked[column] @ image) for image, out in zip(images, hidden[column], strict=True) if not out]
            mean = sum(shown) / max(1, len(shown))
            variance = sum((value - mean) ** 2 for value in shown) / max(1, len(shown))
            share = len(shown) / (len(shown) + FEW)
            mean = share * mean + (1 - share) * 0.3
            spread = math.sqrt(share * variance + (1 - share) * 0.15**2)
            cosine = float(similarities[row, column])
            score = 1.8 * -math.log(1 + LEAST - cosine) + 0.4 * (cosine - mean) / spread - 4
            assert found[row, column] == pytest.approx(1 / (1 + math.exp(-score)), rel=1e-4)


@settings(max_examples=200, deadline=None)
@given(st.lists(COSINES, min_size=2, max_size=30), st.floats(-1, 1), st.floats(0, 1), st.integers(0, 1000))
def test_chances_lie_between_0_and_1_and_rise_with_the_similarity(
    cosines: list[float], mean: float, spread: float, images: int
) -> None:
    background = Background(np.array(mean), np.array(spread), np.array(images))
    chances = CALIBRATION.probability(np.sort(cosines), background)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances) >= 0).all()


def test_an_equal_image_is_of_the_same_kind_whatever_the_collection() -> None:
    for mean, spread in ((0.1, 0.05), (0.3, 0.15), (0.6, 0.3), (0.95, 0.01)):
        background = Background(np.array(mean), np.array(spread), np.array(500))
        assert CALIBRATION.probability(1.0, background) > 0.99
        assert CALIBRATION.probability(1.0 + 1e-6, background) > 0.99  # products of descriptors leave [-1, 1] by a rounding
    assert CALIBRATION.probability(1.0) > 0.99


def test_what_stands_out_from_its_background_is_likelier() -> None:
    crowded, sparse = (Background(np.array(mean), np.array(0.15), np.array(500)) for mean in (0.6, 0.1))
    assert CALIBRATION.probability(0.7, sparse) > CALIBRATION.probability(0.7, crowded)


def test_a_collection_of_few_images_is_as_usual() -> None:
    usual = CALIBRATION.probability(0.7)
    none, one = (Background.of(unit(1, 5, 0), unit(count, 5, 1)) for count in (0, 1))
    assert CALIBRATION.probability(0.7, none)[0] == pytest.approx(usual)
    assert CALIBRATION.probability(0.7, one)[0] == pytest.approx(usual, abs=0.1)


def test_a_query_is_no_part_of_its_background() -> None:
    query, images = unit(1, 5, 0), unit(9, 5, 1)
    alone, among = Background.of(query, images), Background.of(query, np.concatenate([images, query]))
    np.testing.assert_allclose(among.mean, alone.mean)
    np.testing.assert_allclose(among.spread, alone.spread)
    assert among.images.tolist() == alone.images.tolist() == [9]


def test_no_overflow_however_steep() -> None:
    steep = Calibration(nearness=1e6, contrast=1e6, intercept=0, usual_mean=0, usual_spread=1e-3)
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_array_equal(steep.probability(np.array([-1.0, 1.0])), [0.0, 1.0])


def test_the_background_of_some_of_the_queries() -> None:
    background = Background.of(unit(4, 5, 0), unit(9, 5, 1))
    some = background.take(np.array([2, 0]))
    np.testing.assert_array_equal(some.mean, background.mean[[2, 0]])
    np.testing.assert_array_equal(some.spread, background.spread[[2, 0]])
    assert some.images.tolist() == [9, 9]
