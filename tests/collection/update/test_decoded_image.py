"""Images on their way into a collection: their bytes, what they are, and their pixels where these are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from podoba.collection.update.decoded_image import DecodedImage, read_image
from podoba.collection.update.diff import Found
from podoba.images.decode import load_pixels
from podoba.images.locate import find_record
from podoba.models.card import Card

CARD = Card(name="a", input_size=16, dim=3, backbone="none", resize="crop")


def test_an_image_is_read_and_decoded(tmp_path: Path, picture: Callable[..., Path]) -> None:
    path = picture(tmp_path / "a.png", 0, size=(40, 30))
    found = Found(find_record(str(path)), str(tmp_path))
    image, pixels = read_image(found, CARD, ())
    data = path.read_bytes()
    assert image == DecodedImage(found, hashlib.sha256(data).hexdigest(), len(data), 40, 30, "PNG")
    np.testing.assert_array_equal(pixels, load_pixels(found.record, 16, "crop"))


def test_known_bytes_are_not_decoded(tmp_path: Path, picture: Callable[..., Path]) -> None:
    path = picture(tmp_path / "a.png", 0)
    found = Found(find_record(str(path)), "")
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    image, pixels = read_image(found, CARD, {content})
    assert (image.content, image.width, image.reason, pixels) == (content, 0, None, None)


def test_what_cannot_be_read_or_decoded_has_a_reason(tmp_path: Path) -> None:
    missing, pixels = read_image(Found(find_record(str(tmp_path / "a.png")), ""), CARD, ())
    assert (missing.content, missing.reason, pixels) == ("", "No such file or directory", None)
    (tmp_path / "a.png").write_bytes(b"text")
    damaged, pixels = read_image(Found(find_record(str(tmp_path / "a.png")), ""), CARD, ())
    assert (damaged.size, damaged.reason, pixels) == (4, "not an image of a known format", None)
    assert damaged.content == hashlib.sha256(b"text").hexdigest()
