"""Two files looked at once more before one of them is moved."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from lookalikes import KINDS, lookalike
from podoba.collection.duplicates.same_picture import differs


def encoded(picture: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, **({"format": "JPEG", "quality": 90} | options))  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_copies_are_one_picture(kind: str) -> None:
    picture = lookalike(kind, 1)
    original = encoded(picture, format="PNG")
    for copy in (
        original,
        encoded(picture, quality=50),
        encoded(picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)), format="WEBP"),
        encoded(picture.transpose(Image.Transpose.ROTATE_90)),
        encoded(picture.transpose(Image.Transpose.TRANSPOSE)),
        encoded(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    ):
        assert differs(original, copy) is None
        assert differs(copy, original) is None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_other_pictures_of_a_kind_are_not(kind: str) -> None:
    for number in range(3):
        first, second = lookalike(kind, number), lookalike(kind, number + 10)
        assert differs(encoded(first), encoded(second))
        assert differs(encoded(first), encoded(second.transpose(Image.Transpose.ROTATE_180)))


def test_one_other_digit_is_seen() -> None:
    picture = lookalike("documents of one template", 0)
    other = picture.copy()
    draw = ImageDraw.Draw(other)
    draw.rectangle((381, 700, 600, 726), fill="white")
    draw.text((380, 700), "Total 1111.11", font_size=20, fill=(25, 25, 35))
    first, second = other.copy(), other.copy()
    ImageDraw.Draw(second).rectangle((446, 700, 457, 726), fill="white")
    ImageDraw.Draw(second).text((446, 700), "8", font_size=20, fill=(25, 25, 35))
    assert differs(encoded(first), encoded(second)) == "differs in its detail from the one to keep"


def test_the_reason_says_what_is_different() -> None:
    picture = lookalike("bursts", 0)
    grey = picture.convert("L")
    assert differs(encoded(picture), encoded(lookalike("line art", 0))) == "shows another picture than the one to keep"
    faint = Image.blend(picture, grey.convert("RGB"), 0.8)
    assert differs(encoded(faint), encoded(grey)) == "is not of the colours of the one to keep: without colour"


def test_a_file_that_is_no_picture_says_which() -> None:
    picture = encoded(lookalike("bursts", 0))
    assert str(differs(picture, b"")).startswith("it cannot be decoded: ")
    assert str(differs(picture[:300], picture)).startswith("the one to keep cannot be decoded: ")
