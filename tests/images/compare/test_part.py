"""Parts, framed pictures and pictures turned by a few degrees, told from those that only share a background."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from lookalikes import lookalike, scene
from podoba.images.compare.detail import DETAIL, TwoSizes, grey_square
from podoba.images.compare.part import PartSettings, place_of_part
from podoba.images.compare.registration import box_map
from podoba.images.decode import picture_pixels
from podoba.images.resize import PixelRule


def seen(picture: Image.Image) -> TwoSizes:
    grey = grey_square(picture_pixels(picture, "", PixelRule(DETAIL.side)), *picture.size)
    return TwoSizes(picture_pixels(picture, "", PixelRule(32)), grey)


@pytest.fixture
def picture() -> Image.Image:
    """Something like a photograph, 300x300."""
    return scene(np.random.default_rng(11), (300, 300))


def test_a_part_and_its_place(picture: Image.Image) -> None:
    place = place_of_part(seen(picture), seen(picture.crop((60, 30, 210, 270))), box_map(0.22, 0.08, 0.48, 0.82))
    assert place is not None
    np.testing.assert_allclose(place, box_map(0.2, 0.1, 0.5, 0.8), atol=0.01)


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture.rotate(5, Image.Resampling.BICUBIC),
        lambda picture: picture.crop((5, 8, 298, 290)),
        lambda picture: picture.crop((10, 10, 290, 290)).point(lambda value: value * 3 // 4),
    ],
)
def test_what_lies_nearly_as_it_was(picture: Image.Image, change: Callable[[Image.Image], Image.Image]) -> None:
    assert place_of_part(seen(picture), seen(change(picture)), box_map(0, 0, 1, 1)) is not None


def test_a_picture_in_a_frame(picture: Image.Image) -> None:
    whole = Image.new("RGB", (500, 600), "black")
    whole.paste(picture, (100, 150))
    place = place_of_part(seen(whole), seen(picture), box_map(0.22, 0.24, 0.58, 0.52))
    assert place is not None
    np.testing.assert_allclose(place, box_map(0.2, 0.25, 0.6, 0.5), atol=0.01)


@pytest.mark.parametrize(
    "kind",
    ["screenshots in one frame", "phone screenshots with black bars", "products on white", "landscapes with a horizon",
     "shirts with small prints", "documents of one template", "pages of text", "bank screenshots", "identity cards",
     "sheets of music", "line art", "night sky", "textures"],
)  # fmt: skip
def test_one_frame_or_background_is_no_part(kind: str) -> None:
    for number in range(4):
        first, second = seen(lookalike(kind, number)), seen(lookalike(kind, number + 20))
        for box in ((0, 0, 1, 1), (0.05, 0.05, 0.9, 0.9), (0.2, 0.1, 0.7, 0.7)):
            assert place_of_part(first, second, box_map(*box)) is None


def test_colours_must_match_in_place(picture: Image.Image) -> None:
    part = picture.crop((60, 30, 210, 270))
    for other in (part.convert("L").convert("RGB"), Image.merge("RGB", part.split()[::-1])):
        assert place_of_part(seen(picture), seen(other), box_map(0.2, 0.1, 0.5, 0.8)) is None


def test_flat_blocks_count_for_nothing(picture: Image.Image) -> None:
    page = Image.new("RGB", (600, 600), "white")
    page.paste(picture.resize((100, 100)), (250, 250))
    part = page.crop((60, 60, 540, 540))
    assert place_of_part(seen(page), seen(part), box_map(0.1, 0.1, 0.8, 0.8)) is None
    assert place_of_part(seen(page), seen(part), box_map(0.1, 0.1, 0.8, 0.8), PartSettings(same=0.02)) is not None


def test_what_is_a_little_off_is_laid_once_more(picture: Image.Image) -> None:
    part = picture.crop((60, 30, 210, 270))
    rough = PartSettings(registration=PartSettings().registration.__class__(sides=(24,), steps=1))
    assert place_of_part(seen(picture), seen(part), box_map(0.215, 0.09, 0.49, 0.81), rough) is not None
