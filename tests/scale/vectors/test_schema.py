"""Items as fields of Milvus, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podoba.errors import CollectionError
from podoba.scale.vectors.schema import from_row, id_of, number_of, to_row
from tests.scale.vectors.conftest import make_item

ONE = np.ones(1, dtype=np.float32)


@given(st.integers(0, (1 << 64) - 1))
def test_ids_are_numbers(value: int) -> None:
    id_ = f"{value:016x}"
    assert -(1 << 63) <= number_of(id_) < 1 << 63
    assert id_of(number_of(id_)) == id_


@pytest.mark.parametrize("id_", ["", "xyz", "0" * 15, "0" * 17, "g" * 16])
def test_other_ids_have_no_number(id_: str) -> None:
    with pytest.raises(ValueError, match=r"id|invalid literal"):
        number_of(id_)


def test_an_item_comes_back() -> None:
    for item in (
        make_item(1), make_item(2, stamp=None, content="", attributes={"a": 1.5, "b": "й", "c": None}), make_item(3, label=""),
        make_item(4, uri="/x/bad\udcff.jpg", source="/\udce9"),
    ):  # fmt: skip
        assert from_row(to_row(item, ONE)) == item


def test_values_are_as_the_server_takes_them() -> None:
    row = to_row(
        make_item(1, label="и\u0306", attributes={"a": True, "b": 10**30, "c": float("nan"), "d": "\udcff", "e": 10**400}), ONE
    )
    assert row["label"] == "й"
    assert row["attributes"] == {"a": 1, "b": 1e30, "c": None, "d": "\\udcff", "e": None}
    assert type(row["attributes"]["a"]) is int
    assert not to_row(make_item(2, label=None), ONE)["has_label"]
    with pytest.raises(CollectionError, match="its label has more than 65535 bytes"):
        to_row(make_item(1, label="й" * 40_000), ONE)
