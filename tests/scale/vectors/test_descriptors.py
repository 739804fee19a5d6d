"""Samples that begin anywhere and go round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from podoba.scale.vectors.descriptors import MilvusDescriptors
from podoba.scale.vectors.items import MilvusItems
from podoba.scale.vectors.schema import LOWEST, number_of
from podoba.scale.vectors.settings import DEFAULT
from tests.scale.vectors.conftest import DIM, make_item, unit
from tests.scale.vectors.in_memory import InMemory

ITEMS, MATRIX = [make_item(row) for row in range(12)], unit(12)
NUMBERS = [number_of(item.id) for item in ITEMS]


@given(
    st.integers(LOWEST, -LOWEST - 1) | st.sampled_from(NUMBERS),
    st.integers(0, 15),
    st.sets(st.sampled_from(NUMBERS)),
    st.integers(1, 5),
)
def test_the_first_ones_from_a_number_on(start: int, count: int, without: set[int], page: int) -> None:
    remote = InMemory(ITEMS, MATRIX, replace(DEFAULT, page_rows=page))
    found = MilvusDescriptors(remote, MilvusItems(remote), lambda: DIM).following(start, count, sorted(without))
    order = sorted(range(12), key=lambda row: (NUMBERS[row] < start, NUMBERS[row]))
    expected = [row for row in order if NUMBERS[row] not in without][:count]
    np.testing.assert_array_equal(found, MATRIX[expected])
