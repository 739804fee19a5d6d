"""Points of a map: their order and their numbers."""

import numpy as np

from podoba.collection.map.points import SIDE, MapPoints, evenly, in_order, quantised, shuffled


def test_one_more_item_moves_no_other() -> None:
    numbers = np.arange(1, 1001)
    before, after = numbers[shuffled(numbers, 0)], np.arange(1, 1002)
    after = after[shuffled(after, 0)]
    assert sorted(before) == list(numbers)
    assert np.array_equal(after[after != 1001], before)
    assert not np.array_equal(before, numbers[shuffled(numbers, 1)])


def test_a_first_part_is_a_fair_sample() -> None:
    first = np.arange(10_000)[shuffled(np.arange(10_000), 0)][:1000]
    counts = np.bincount(first // 1000, minlength=10)
    assert counts.sum() == 1000
    assert counts.min() > 70  # 100 on average, 9.5 the standard deviation
    assert counts.max() < 130


def test_both_axes_have_one_scale_and_the_shorter_is_centred() -> None:
    places = quantised(np.array([[-2, 0], [2, 0], [0, 1]], dtype=np.float32))
    assert places.dtype == np.uint16
    assert places[:, 0].tolist() == [0, SIDE, round(SIDE / 2)]
    assert np.allclose(places[:, 1], [SIDE * 3 / 8, SIDE * 3 / 8, SIDE * 5 / 8], atol=1)
    assert quantised(np.ones((3, 2), dtype=np.float32)).tolist() == [[32768, 32768]] * 3
    assert quantised(np.empty((0, 2), dtype=np.float32)).shape == (0, 2)


def test_maps_are_joined_in_the_order_they_would_have_had() -> None:
    numbers, points = np.arange(1, 51), np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    whole = in_order(numbers, points, 0)
    even = whole.numbers % 2 == 0
    joined = whole.only(even).and_also(whole.only(~even), 0)
    assert np.array_equal(joined.numbers, whole.numbers)
    assert np.array_equal(joined.places, whole.places)
    assert len(MapPoints(numbers[:0], whole.places[:0])) == 0


def test_rows_at_equal_distances() -> None:
    assert evenly(101, 11).tolist() == list(range(0, 101, 10))
    assert evenly(3, 10).tolist() == [0, 1, 2]
    assert evenly(0, 10).tolist() == []
