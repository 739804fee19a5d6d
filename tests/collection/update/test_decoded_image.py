"""An image on its way into a collection: read, decoded where needed, or named with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from podoba.collection.update.decoded_image import item_of, read_image
from podoba.collection.update.diff import Change
from podoba.images.decode import load_pixels
from podoba.images.locate import find_record
from podoba.models.encoder import Encoder


def test_an_image_is_decoded_for_the_encoder(tmp_path: Path, picture: Callable[..., Path], encoder: Encoder) -> None:
    path = picture(tmp_path / "a.png", 1)
    change = Change(find_record(str(path)), "/source")
    image, pixels = read_image(change, encoder.card, ())
    assert (image.content, image.size) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    assert (image.width, image.height, image.format, image.reason) == (12, 10, "PNG", None)
    np.testing.assert_array_equal(pixels, load_pixels(change.record, encoder.card.pixels))
    item = item_of(image)
    assert (item.uri, item.source, item.content, item.width, item.height) == (str(path), "/source", image.content, 12, 10)


def test_bytes_that_are_known_are_not_decoded(tmp_path: Path, picture: Callable[..., Path], encoder: Encoder) -> None:
    change = Change(find_record(str(picture(tmp_path / "a.png", 1))), "/source")
    decoded = read_image(change, encoder.card, ())[0]
    image, pixels = read_image(change, encoder.card, {decoded.content})
    assert pixels is None
    assert (image.content, image.width, image.reason) == (decoded.content, 0, None)
    assert item_of(image, item_of(decoded)) == item_of(decoded)  # it looks like the item of the same bytes


def test_what_cannot_be_read_or_decoded_has_a_reason(tmp_path: Path, encoder: Encoder) -> None:
    broken = tmp_path / "b.png"
    broken.write_bytes(b"no image")
    change = Change(find_record(str(broken)), "/source")
    image, pixels = read_image(change, encoder.card, ())
    assert pixels is None
    assert image.reason
    assert image.content == hashlib.sha256(b"no image").hexdigest()
    broken.unlink()
    image, pixels = read_image(change, encoder.card, ())
    assert pixels is None
    assert image.reason
    assert image.content == ""
