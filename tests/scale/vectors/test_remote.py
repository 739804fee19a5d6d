"""Expressions of numbers; and names that several note at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from podoba.scale.vectors.open import create_vectors
from podoba.scale.vectors.remote import numbered
from podoba.scale.vectors.schema import LOWEST, id_of, to_row
from tests.scale.vectors.conftest import QUICK, make_item, make_model, unit


def test_numbers_as_an_expression() -> None:
    assert numbered([1, -2]) == "number in [1, -2]"
    assert numbered([]) == "number in []"
    assert numbered([LOWEST, 3]) == "(number in [3] or number < -9223372036854775807)"


@pytest.mark.scale
def test_numbers_at_the_ends_and_names_of_many(new_address: Callable[[], str]) -> None:
    ends = [LOWEST, LOWEST + 1, -1, 0, 1, -(LOWEST + 2)]  # the server does not find the highest of all by comparing
    with create_vectors(new_address(), make_model(), "tiny", settings=QUICK) as vectors:
        remote = vectors.store.remote
        named = [to_row(make_item(row), one) for row, one in enumerate(unit(6))]
        rows = [row | {"number": number, "id": id_of(number)} for row, number in zip(named, ends, strict=True)]
        remote.upsert(rows)
        for size in (1, 2, 10):
            assert [row["number"] for page in remote.pages("", [], size) for row in page] == ends
            assert [row["number"] for page in remote.pages("", [], size, start=-1) for row in page] == ends[2:]
        assert set(remote.of_numbers(ends, ["id"])) == set(ends)
        assert vectors.store.items.numbers().tolist() == ends
        np.testing.assert_array_equal(vectors.store.descriptors.of_numbers(np.array(ends[::-1])), unit(6)[::-1])
        remote.delete(ends[:2])
        assert vectors.store.items.numbers().tolist() == ends[2:]
        names = [f"name {number} й\"'" for number in range(12)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(remote.note_attributes, [[name] for name in names]))
        assert remote.attribute_names() == sorted(names)
