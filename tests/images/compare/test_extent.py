"""How large the place is where something was changed, and how much of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lookalikes import lookalike, scene
from podoba.images.compare.detail import DETAIL, Detail, compare_detail, grey_square
from podoba.images.compare.extent import EXTENT, Extent, extent_of_change
from podoba.images.decode import picture_pixels
from podoba.images.resize import PixelRule


def detail_of(first: Image.Image, second: Image.Image) -> Detail:
    x, y = (grey_square(picture_pixels(picture, "", PixelRule(DETAIL.side)), *picture.size) for picture in (first, second))
    return compare_detail(x, y)


def photograph(number: int = 5) -> Image.Image:
    return scene(np.random.default_rng(number), (320, 240))


def slowly(detail: Detail) -> Extent:
    """Of a pair of equal brightness and contrast, pixel by pixel."""
    side = detail.first.shape[0] // detail.changed.shape[0]
    inside, outside = [], []
    for row in range(detail.first.shape[0]):
        for column in range(detail.first.shape[1]):
            difference = abs(float(detail.first[row, column]) - float(detail.second[row, column]))
            if detail.changed[row // side, column // side]:
                inside.append((row, column, difference))
            else:
                outside.append(difference)
    least = max(EXTENT.least_difference, EXTENT.unusual * sorted(outside)[len(outside) // 2] / 0.6745)
    places = [(row, column) for row, column, difference in inside if difference > least]
    sides = []
    for axis in (0, 1):
        lines = sorted(place[axis] for place in places)
        left_out = EXTENT.trimmed * len(lines)
        low = next(line for line in lines if sum(other <= line for other in lines) >= left_out)
        high = next(line for line in lines if sum(other <= line for other in lines) >= len(lines) - left_out)
        sides.append(high - low + 1)
    area = sides[0] * sides[1] / detail.first.size
    return Extent(area, min(1.0, len(places) / detail.first.size / area))


def test_it_is_what_counting_pixels_gives() -> None:
    picture = photograph().resize((96, 96))
    other = picture.copy()
    ImageDraw.Draw(other).polygon([(20, 20), (70, 30), (40, 75)], fill="yellow")
    detail = detail_of(picture, other)
    assert detail.changed.any()
    # Nothing but the polygon was changed, so no brightness is fitted away.
    seen, expected = extent_of_change(detail), slowly(detail)
    assert (seen.area, seen.filled) == pytest.approx((expected.area, expected.filled), rel=0.02)


def test_a_rectangle_is_as_large_as_it_is_and_filled() -> None:
    picture = photograph()
    other = picture.copy()
    ImageDraw.Draw(other).rectangle((40, 60, 200, 120), fill="white")
    extent = extent_of_change(detail_of(picture, other))
    assert extent.area == pytest.approx(160 * 60 / (320 * 240), abs=0.03)
    assert extent.filled > 0.85


def test_brightness_of_the_whole_is_no_change() -> None:
    picture = photograph()
    other = picture.point(lambda value: value * 3 // 4)
    ImageDraw.Draw(other).rectangle((40, 60, 200, 120), fill="white")
    assert extent_of_change(detail_of(picture, other)).area < 0.2


@pytest.mark.parametrize("kind", ["forms", "identity cards", "documents of one template", "bank screenshots"])
def test_other_words_in_the_fields_of_a_template_do_not_fill_their_place(kind: str) -> None:
    for number in range(4):
        extent = extent_of_change(detail_of(lookalike(kind, number), lookalike(kind, number + 20)))
        assert extent.filled < 0.4 or extent.area > 0.27


@pytest.mark.parametrize("text", ["SALE TODAY", "SAMPLE"])
def test_a_line_of_text_fills_its_place(text: str) -> None:
    for number in range(4):
        picture = photograph(number)
        other = picture.copy()
        place = (picture.width * 0.05, picture.height / 2 - 20)
        ImageDraw.Draw(other).text(place, text, font_size=50, fill="white", stroke_width=2, stroke_fill="black")
        extent = extent_of_change(detail_of(picture, other))
        assert extent.area < 0.2
        assert extent.filled > 0.4


def test_where_all_is_changed_or_no_pixel_by_enough() -> None:
    flat: NDArray[np.float32] = np.full((32, 32), 100, np.float32)
    one = np.zeros((2, 2), bool)
    one[0, 1] = True
    assert extent_of_change(Detail(one, ~np.zeros((2, 2), bool), flat, flat)) == Extent(1.0, 1.0)
    assert extent_of_change(Detail(one, one, flat, flat)) == Extent(0.0, 1.0)
