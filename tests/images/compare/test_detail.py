"""Detail and colours of pictures that are alike from afar."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from lookalikes import lookalike
from podoba.images.compare.detail import DETAIL, DetailSettings, colours_differ, compare_detail, grey_square
from podoba.images.decode import picture_pixels
from podoba.images.resize import PixelRule

PAPERS = ["documents of one template", "pages of text", "bank screenshots", "forms", "sheets of music", "identity cards",
          "shirts with small prints"]  # fmt: skip


def grey(picture: Image.Image) -> NDArray[np.uint8]:
    return grey_square(picture_pixels(picture, "", PixelRule(DETAIL.side)), *picture.size)


def small(picture: Image.Image) -> NDArray[np.uint8]:
    return picture_pixels(picture, "", PixelRule(32))[None]


def encoded(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def test_a_picture_is_stretched_to_a_square_and_never_enlarged() -> None:
    assert grey(Image.new("RGB", (1000, 600))).shape == (256, 256)
    assert grey(Image.new("RGB", (300, 60))).shape == (60, 256)
    assert grey(Image.new("RGB", (40, 30), (10, 200, 30))).shape == (30, 40)


@pytest.mark.parametrize("kind", [*PAPERS, "bursts", "line art", "night sky", "textures", "landscapes with a horizon"])
def test_encoding_and_size_change_no_block(kind: str) -> None:
    picture = lookalike(kind, 3)
    for copy in (encoded(picture, 40), encoded(picture.resize((picture.width // 2, picture.height // 2)), 90),
                 picture.resize((picture.width * 3 // 2, picture.height * 3 // 2))):  # fmt: skip
        detail = compare_detail(grey(picture), grey(copy))
        assert detail.textured.any()
        assert not detail.changed.any()


@pytest.mark.parametrize("kind", PAPERS)
def test_other_words_prints_and_notes_are_seen(kind: str) -> None:
    for number in range(3):
        first, second = lookalike(kind, number), lookalike(kind, number + 50)
        assert compare_detail(grey(first), grey(second)).changed.any()
        assert compare_detail(
            grey(first), grey(encoded(second.resize((second.width // 2, second.height // 2)), 90))
        ).changed.any()


def test_a_stamp_and_a_watermark_are_seen_where_they_are() -> None:
    picture = lookalike("bursts", 1)
    stamped = picture.copy()
    ImageDraw.Draw(stamped).rectangle((400, 300, 450, 340), fill="white")
    changed = compare_detail(grey(picture), grey(encoded(stamped, 90))).changed
    assert changed[13:15, 14:15].any()
    assert not changed[:, :12].any()
    veil = Image.new("L", picture.size, 0)
    ImageDraw.Draw(veil).text((100, 150), "SAMPLE", font_size=60, fill=90)
    marked = Image.composite(Image.new("RGB", picture.size, "white"), picture, veil)
    assert compare_detail(grey(picture), grey(encoded(marked, 90))).changed.any()


def test_brightness_is_fitted() -> None:
    picture = lookalike("bursts", 1)
    darker = picture.point(lambda value: value * 2 // 3)
    assert not compare_detail(grey(picture), grey(darker)).changed.any()


def test_the_settings_decide() -> None:
    picture = lookalike("bursts", 1)
    copy = encoded(picture, 40)
    assert compare_detail(grey(picture), grey(copy), DetailSettings(least_error=0.0, unusual=1.0, usual=0.0)).changed.any()
    assert not compare_detail(grey(picture), grey(copy), DetailSettings(texture=1000.0)).textured.any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.convert("L").convert("RGB"), "without colour"),
        (lambda p: ImageEnhance.Color(p).enhance(1.6), "other colours"),
        (lambda p: ImageEnhance.Color(p).enhance(0.5), "other colours"),
        (lambda p: Image.merge("RGB", p.split()[::-1]), "other colours"),
        (lambda p: encoded(p, 40), ""),
        (lambda p: p.resize((p.width // 2, p.height // 2)), ""),
        (lambda p: p.point(lambda value: value * 9 // 10), ""),
    ],
)
def test_colours_are_told(change: object, words: str) -> None:
    assert callable(change)
    picture = lookalike("bursts", 2)
    assert colours_differ(small(picture), small(change(picture))).tolist() == [words]
    assert colours_differ(small(change(picture)), small(picture)).tolist() == [words]
