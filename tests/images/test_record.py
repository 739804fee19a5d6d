"""Records and what was skipped."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Literal

import pytest

from podoba.images.record import ImageRecord, Skipped, as_attribute, count_reasons


@pytest.mark.parametrize("label", ["Їжак", "кафе й", "café", "plain", None, "\udcff"])
def test_a_label_is_one_name_however_its_letters_are_written(label: str | None) -> None:
    forms: tuple[Literal["NFC"], Literal["NFD"]] = ("NFC", "NFD")
    for form in forms:
        written = None if label is None else unicodedata.normalize(form, label)
        assert ImageRecord("1", "/a.png", written, bytes).label == label


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("a", "a"), (1, 1), (1.5, 1.5), (True, True), (None, None), ([1], None), (Decimal("1.5"), 1.5),
        (date(2021, 5, 4), "2021-05-04"), (time(12, 30), "12:30:00"), (datetime(2021, 5, 4, 12, 30, 1, 5), "2021-05-04T12:30:01"),
        (datetime(2021, 5, 4, 12, tzinfo=UTC), "2021-05-04T12:00:00"),
        (datetime(2021, 5, 4, 12, tzinfo=timezone(timedelta(hours=3))), "2021-05-04T09:00:00"),
    ],
)  # fmt: skip
def test_attributes(value: object, attribute: object) -> None:
    assert as_attribute(value) == attribute


def test_records_are_compared_by_what_they_are_and_not_by_how_they_are_read() -> None:
    assert ImageRecord("1", "/a", None, bytes) == ImageRecord("1", "/a", None, bytearray)  # type: ignore[arg-type]
    assert ImageRecord("1", "/a", None, bytes) != ImageRecord("1", "/a", "cat", bytes)


def test_reasons_that_differ_in_their_numbers_are_one() -> None:
    skipped = [Skipped("a", "10x20 pixels"), Skipped("b", "cut off"), Skipped("c", "3x4 pixels")]
    assert count_reasons(skipped) == {"… pixels": 2, "cut off": 1}
