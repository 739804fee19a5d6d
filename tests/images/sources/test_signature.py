"""Pictures known by their first bytes."""

from __future__ import annotations

import io

import pytest
from PIL import Image, features

from podoba.images.sources.signature import HEAD, starts_like_picture

FORMATS = ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", *(["AVIF"] if features.check("avif") else [])]


@pytest.mark.parametrize("name", FORMATS)
def test_pictures_of_common_formats(name: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (9, 8, 7)).save(buffer, name)
    assert starts_like_picture(buffer.getvalue()[:HEAD])


@pytest.mark.parametrize(
    "head",
    [b"", b"BM", b"BM stands for many things, a name for one", b"RIFF\0\0\0\0WAVEfmt ", b"#!/bin/sh\n", b"\0" * HEAD, b"GIF",
     b"%PDF-1.7", b"\0\0\0\x20ftypisom", b"PK\3\4"],
)  # fmt: skip
def test_other_files(head: bytes) -> None:
    assert not starts_like_picture(head)
