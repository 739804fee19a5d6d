"""Which decoders are allowed, and what they leave to others."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

from podoba.errors import UnreadableImage
from podoba.images.formats.openers import FORMATS, open_picture


def encoded(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((60, 40), 60).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "PPM", "GIF"])
def test_a_picture_is_opened_and_not_decoded(kind: str) -> None:
    picture = open_picture(encoded(kind), "x")
    assert (picture.format, picture.size) == (kind, (60, 40))
    assert isinstance(picture, ImageFile)
    assert picture.tile  # what is left to decode


def test_other_decoders_are_not_asked() -> None:
    assert "EPS" not in FORMATS
    with pytest.raises(UnreadableImage, match=r"^x: a document, no picture$"):
        open_picture(encoded("EPS"), "x")


def test_a_tiff_is_not_turned_by_pillow() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_picture(encoded("TIFF", exif=exif), "x")
    picture.load()
    assert picture.im.size == (60, 40)
