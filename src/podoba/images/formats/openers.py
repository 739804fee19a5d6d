"""Encoded bytes opened as a picture that is not decoded yet, by the decoders that are allowed."""

import io

from PIL import Image, UnidentifiedImageError

from podoba.errors import UnreadableImage
from podoba.images.formats.pillow import silence_libtiff
from podoba.images.formats.words import what_it_is

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "ICO", "TGA")  # and MPO, which Pillow opens as JPEG


def open_picture(data: bytes, uri: str) -> Image.Image:
    """A picture whose header was read.

    Raises:
        UnreadableImage: no allowed decoder takes it.
        Exception: whatever a decoder throws at a damaged header.
    """
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnreadableImage(uri, what_it_is(data)) from error
    if picture.format == "TIFF":
        silence_libtiff()
        picture.load_end = _nothing  # type: ignore[method-assign]
    return picture


def _nothing() -> None:
    """In place of what Pillow does once a TIFF is decoded: it turns it and writes its EXIF anew, and fails where it cannot."""
