"""What was saved again is told from its original, whatever the quality and the format."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from podoba.images.compare.generation import Encoding, encoding_of, made_from

Seen = tuple[Image.Image, Encoding | None]


def photograph(seed: int, size: tuple[int, int] = (150, 110)) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return Image.fromarray((np.asarray(coarse) * 0.8 + rng.integers(0, 50, (size[1], size[0], 3))).astype(np.uint8))


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def seen(data: bytes) -> Seen:
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"), encoding_of(data, "a.jpg")


def told(copy: bytes, original: bytes) -> bool:
    assert made_from(seen(original), seen(copy)) in (1, None)
    return made_from(seen(copy), seen(original)) == 0


@pytest.mark.parametrize("first", [50, 75, 85, 92, 95])
@pytest.mark.parametrize("then", [40, 80, 90, 95, 98, 100])
@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}])
def test_a_jpeg_that_was_saved_again(first: int, then: int, options: dict[str, Any]) -> None:
    original = encoded(photograph(1), quality=first)
    assert told(encoded(seen(original)[0], quality=then, **options), original)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_a_lossless_picture_of_a_jpeg_and_a_jpeg_of_a_lossless_picture(kind: str) -> None:
    original = encoded(photograph(2), quality=85)
    assert told(encoded(seen(original)[0], kind), original)
    assert told(encoded(photograph(2), quality=85), encoded(photograph(2), kind))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_is_stored_turned(orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    original = encoded(photograph(3), quality=90, exif=exif)
    assert told(encoded(seen(original)[0], quality=97), original)
    assert told(encoded(seen(original)[0], "PNG"), original)


@pytest.mark.parametrize("qualities", [(85, 90), (75, 76), (92, 95)])
def test_of_two_that_were_made_from_a_third_none_is_the_original(qualities: tuple[int, int]) -> None:
    first, second = (encoded(photograph(4), quality=quality) for quality in qualities)
    assert made_from(seen(first), seen(second)) is None


def test_equal_pictures_tell_nothing() -> None:
    one = encoded(photograph(5), "PNG")
    assert made_from(seen(one), seen(encoded(photograph(5), "TIFF"))) is None
    assert made_from(seen(encoded(photograph(5))), seen(encoded(photograph(5)))) is None


def test_tables_that_cannot_be_written_tell_nothing() -> None:
    original = encoded(photograph(8), quality=80)
    picture, encoding = seen(original)
    assert encoding is not None
    odd = replace(encoding, tables={number: [400, *table[1:]] for number, table in encoding.tables.items()})
    again = seen(encoded(picture, quality=95))
    assert made_from((picture, odd), again) is None
    assert made_from(again, (picture, odd)) is None


def test_grey_and_odd_encodings_can_be_read() -> None:
    grey = encoded(photograph(6).convert("L"), quality=80)
    assert told(encoded(seen(grey)[0].convert("L"), quality=95), grey)
    assert told(encoded(seen(grey)[0], "PNG"), grey)
    fours = encoded(photograph(7).convert("CMYK"), quality=80)
    assert told(encoded(seen(fours)[0], "PNG"), fours)
