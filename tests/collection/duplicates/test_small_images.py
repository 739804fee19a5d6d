"""Small images: read once, cached by content, damaged ones named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.duplicates.small_images import larger_image, small_images
from podoba.errors import UnreadableImage
from podoba.images.compare.pixel_similarity import LUMA, SIDE
from podoba.images.decode import load_pixels
from podoba.images.locate import find_record
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder


@pytest.fixture
def collection(tmp_path: Path, picture: Callable[..., Path], encoder: Encoder) -> Collection:
    for i in range(5):
        picture(tmp_path / "photos" / f"{i}.png", i, size=(60, 50))
    opened = Collection.open(tmp_path / "x.podoba", create=True)
    index_sources(opened, [open_source(tmp_path / "photos")], encoder)
    return opened


def test_they_are_read_once_and_cached_by_content(collection: Collection, tmp_path: Path) -> None:
    items = collection.items()
    pixels, read, skipped = small_images(items, tmp_path / "cache")
    assert (pixels.shape, bool(read.all()), skipped) == ((5, SIDE, SIDE, 3), True, [])
    for item, image in zip(items, pixels, strict=True):
        np.testing.assert_array_equal(image, load_pixels(find_record(item.uri), SIDE, "stretch"))
        Path(item.uri).unlink()
    again, read, _ = small_images(items, tmp_path / "cache")
    assert read.all()
    np.testing.assert_array_equal(again, pixels)
    _, read, skipped = small_images(items, tmp_path / "another cache")
    assert (bool(read.any()), [row.uri for row in skipped]) == (False, [item.uri for item in items])


def test_a_larger_one_is_grey(collection: Collection) -> None:
    item = collection.items()[0]
    expected = load_pixels(find_record(item.uri), 64, "stretch").astype(np.float32) @ LUMA
    np.testing.assert_allclose(larger_image(item, 64), expected)
    Path(item.uri).unlink()
    with pytest.raises(UnreadableImage):
        larger_image(item, 64)
