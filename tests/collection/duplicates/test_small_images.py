"""Small images of items, cached by their content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from podoba.collection.collection import Collection, find_duplicates
from podoba.collection.duplicates.small_images import FILE, LargerImages, small_images

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


def test_larger_images_are_grey_and_kept_for_the_next_time(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    Image.new("RGB", (300, 70), (10, 200, 30)).save(photos / "wide.png")
    items = indexed().items()
    larger = LargerImages(tmp_path / "cache", 256)
    first = larger.of(items)
    shapes = {Path(item.uri).name: first[item.picture].shape for item in items}
    assert shapes["wide.png"] == (70, 256)
    assert {shape for name, shape in shapes.items() if name != "wide.png"} == {(90, 120)}
    assert all(grey.dtype == np.uint8 for grey in first.values())
    for item in items:
        Path(item.uri).unlink()
    again = LargerImages(tmp_path / "cache", 256).of(items)
    assert all(np.array_equal(again[content], grey) for content, grey in first.items())
    assert LargerImages(tmp_path / "cache", 128).of(items) == {}


def test_a_small_square_picture_is_looked_at_as_it_is(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    Image.fromarray(levels).save(photos / "square.png")
    item = next(item for item in indexed().items() if item.uri.endswith("square.png"))
    np.testing.assert_array_equal(LargerImages(tmp_path / "cache", 256).of([item])[item.picture], levels)


def test_images_of_unknown_bytes_are_not_taken_for_each_other(photos: Path, indexed: Indexed, tmp_path: Path) -> None:
    items = [replace(item, content="") for item in indexed().items()[:3]]
    for _ in range(2):
        pixels, read, _ = small_images(items, tmp_path / "cache")
        assert read.all()
        assert len({square.tobytes() for square in pixels}) == 3
        larger = LargerImages(tmp_path / "cache", 256).of(items)
        assert len({larger[item.picture].tobytes() for item in items}) == 3
