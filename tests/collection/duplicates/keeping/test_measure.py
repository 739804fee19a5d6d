"""Files are read to tell which has more in it, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from podoba.cache.content import ContentCache
from podoba.collection.duplicates.keeping.measure import Measured, measure
from podoba.collection.storage.items import Item
from podoba.images.sources.base import record_id

Photograph = Callable[..., Image.Image]


@pytest.fixture
def cache(tmp_path: Path) -> ContentCache:
    return ContentCache(tmp_path / "cache" / "keepers.sqlite", 1 << 20)


def item(path: Path, *, known: bool = True) -> Item:
    content = hashlib.sha256(path.read_bytes()).hexdigest() if known else ""
    return Item(record_id(str(path)), str(path), "/", None, content, 1, None, 1, 1, "")


@pytest.fixture
def original(tmp_path: Path, detailed: Photograph) -> Path:
    detailed(0).save(tmp_path / "original.jpg", quality=85)
    return tmp_path / "original.jpg"


def test_of_one_size_the_copy_is_told(original: Path, cache: ContentCache) -> None:
    again = original.with_name("again.jpg")
    Image.open(original).save(again, quality=97)
    assert measure(item(original), item(again), cache) == Measured(None, 1)
    assert measure(item(again), item(original), cache) == Measured(None, 0)


def test_of_two_sizes_the_detail_is_measured(original: Path, cache: ContentCache) -> None:
    Image.open(original).resize((480, 360), Image.Resampling.BICUBIC).save(original.with_name("large.png"))
    found = measure(item(original), item(original.with_name("large.png")), cache)
    assert found is not None
    assert found.details is not None
    assert found.remade is None
    assert found.details[1] == pytest.approx(found.details[0], rel=0.15)


@pytest.mark.parametrize("size", [(240, 180), (120, 90)])
def test_what_is_cached_needs_no_file(original: Path, cache: ContentCache, size: tuple[int, int]) -> None:
    copy = original.with_name("copy.png")
    Image.open(original).resize(size).save(copy)
    first, second = item(original), item(copy)
    unknown = item(original, known=False)
    found = measure(first, second, cache)
    assert measure(unknown, second, cache) == found
    original.unlink()
    assert measure(first, second, cache) == found
    assert found is not None
    assert measure(unknown, second, cache) is None
    assert measure(second, first, cache) is None
