"""Small images of items, cached by their content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection, find_duplicates
from podoba.collection.duplicates.small_images import FILE, larger_image, small_images
from podoba.errors import UnreadableImage

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]


def test_small_images_are_kept_for_the_next_time(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    before = find_duplicates(collection)
    for path in photos.iterdir():
        path.unlink()
    assert find_duplicates(collection).groups == before.groups
    (collection.index.cache.folder / FILE).write_bytes(b"damaged")
    after = find_duplicates(collection)
    assert after.groups == []
    assert len(after.skipped) == 13


def test_they_are_squares_of_the_images_that_can_be_read(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    items = indexed().items()
    Path(items[3].uri).unlink()
    pixels, read, skipped = small_images(items, tmp_path / "cache")
    assert pixels.shape == (12, 32, 32, 3)
    assert pixels.dtype == np.uint8
    assert read.tolist() == [place != 3 for place in range(12)]
    assert [row.uri for row in skipped] == [items[3].uri]
    expected = np.asarray(Image.open(items[0].uri).resize((32, 32), Image.Resampling.BOX), dtype=np.float64)
    assert np.abs(pixels[0] - expected).mean() < 6


def test_a_larger_image_is_grey(photos: Path, indexed: Indexed) -> None:
    item = indexed().items()[0]
    grey = larger_image(item, 64)
    assert grey.shape == (64, 64)
    assert grey.dtype == np.float32
    assert 0 <= grey.min() < grey.max() <= 255
    Path(item.uri).unlink()
    with pytest.raises(UnreadableImage):
        larger_image(item, 64)
