"""Placing items among others."""

import numpy as np

from podoba.collection.map.placing import placed_among


def test_an_item_goes_where_most_of_its_neighbours_are() -> None:
    points = np.array([[0, 0], [1, 1], [2, 2], [100, 100], [101, 101]], dtype=np.float32)
    assert placed_among(np.array([[0, 1, 2, 3, 4]]), points).tolist() == [[2, 2]]
    assert placed_among(np.array([[3, 4, 1]]), points).tolist() == [[100, 100]]


def test_what_is_not_there_does_not_count() -> None:
    points = np.array([[0, 0], [4, 8]], dtype=np.float32)
    assert placed_among(np.array([[1, -1, -1], [0, 1, -1]]), points).tolist() == [[4, 8], [2, 4]]
