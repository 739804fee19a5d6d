"""Which number is white."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from podoba.images.formats.samples import Samples, is_deep, samples_of, to_grey, white_of
from podoba.images.formats.words import NotAPicture


@pytest.mark.parametrize(
    ("most", "stated", "fractions", "white"),
    [
        (200, None, False, 255),
        (1000, None, False, 1023),
        (4000, None, False, 4095),
        (4096, None, False, 16383),
        (30_000, None, False, 65535),
        (65_536, None, False, 131_071),
        (2**32 - 1, None, False, 2**32 - 1),
        (0, None, False, 255),
        (1000, 65535.0, False, 65535),
        (1000, 999.0, False, 1023),  # what the file says cannot be
        (0.5, None, True, 1),
        (3.0, None, True, 1),
        (17.0, None, True, 255),
        (60_000.0, None, True, 65535),
        (70_000.0, 80_000.0, True, 80_000),
    ],
)
def test_the_number_that_is_white(most: float, stated: float | None, fractions: bool, white: float) -> None:
    assert white_of(0, most, Samples(stated), fractions) == white


@pytest.mark.parametrize(
    ("least", "most", "reason"),
    [
        (-5.0, 9.0, "numbers below zero"),
        (0.0, 1e9, "none is known to be white"),
        (0.0, float("nan"), "are none"),
        (0.0, float("inf"), "are none"),
    ],
)
def test_numbers_that_are_no_brightness_are_refused(least: float, most: float, reason: str) -> None:
    with pytest.raises(NotAPicture, match=reason):
        white_of(least, most, Samples(), fractions=True)


def test_levels_are_rounded_and_cut_at_white() -> None:
    numbers = np.array([[0, 2, 4, 8]], dtype=np.uint16)
    assert np.asarray(to_grey(numbers, 4.0, is_negative=False)).tolist() == [[0, 128, 255, 255]]
    assert np.asarray(to_grey(numbers, 4.0, is_negative=True)).tolist() == [[255, 128, 0, 0]]


def test_a_picture_of_a_program_says_nothing_of_its_numbers() -> None:
    assert samples_of(Image.new("I;16", (2, 2))) == Samples()
    assert [is_deep(Image.new(mode, (2, 2))) for mode in ("I;16", "I", "F", "L", "RGB")] == [True, True, True, False, False]
