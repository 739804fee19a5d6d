"""Thumbnails: made once, kept beside the collection, never those of another picture."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection, index_sources
from podoba.collection.search import thumbnails as module
from podoba.errors import UnreadableImage
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def collection(tmp_path: Path, picture: WritePicture, encoder: Encoder) -> Collection:
    for i in range(4):
        picture(tmp_path / "photos" / f"{i}.png", i, size=(600, 300 + i))
    opened = Collection.open(tmp_path / "x.podoba", create=True)
    index_sources(opened, [open_source(tmp_path / "photos")], encoder)
    return opened


def size(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return picture.size


def test_thumbnails_are_kept_and_serve_when_the_image_is_gone(collection: Collection) -> None:
    item, other = collection.items()[:2]
    thumbnails = collection.thumbnails
    first = thumbnails.of(item)
    assert size(first) == (192, 96)
    assert size(thumbnails.of(item, 64)) == (64, 32)
    Path(item.uri).unlink()
    thumbnails = collection.thumbnails
    assert thumbnails.of(item) == first
    Path(other.uri).unlink()
    with pytest.raises(UnreadableImage):
        thumbnails.of(other)
    collection.refresh_index()
    collection.index.cache.remove()  # of descriptors
    thumbnails = collection.thumbnails
    assert thumbnails.of(item) == first


def test_a_file_that_has_changed_since_is_not_kept_as_the_items(collection: Collection, picture: WritePicture) -> None:
    item = collection.items()[0]
    whole = Path(item.uri).read_bytes()
    picture(Path(item.uri), 50, size=(100, 100))
    thumbnails = collection.thumbnails
    assert size(thumbnails.of(item)) == (100, 100)
    Path(item.uri).write_bytes(whole)
    assert size(thumbnails.of(item)) == (192, 96)


def test_a_damaged_file_of_thumbnails_is_made_anew(collection: Collection) -> None:
    item, other = collection.items()[:2]
    place = collection.index.cache.folder / module.FILE
    thumbnails = collection.thumbnails
    first = thumbnails.of(item)
    connection = sqlite3.connect(place)
    connection.execute("UPDATE derived SET data = substr(data, 1, 500)")
    connection.commit()
    connection.close()
    thumbnails = collection.thumbnails
    assert thumbnails.of(item) == first
    place.write_bytes(b"rubbish" * 1000)
    thumbnails = collection.thumbnails
    assert thumbnails.of(item) == first
    assert thumbnails.of(other)
    Path(item.uri).unlink()
    Path(other.uri).unlink()
    thumbnails = collection.thumbnails
    assert thumbnails.of(other)


def test_where_nothing_can_be_kept_they_are_made_each_time(collection: Collection) -> None:
    collection.index.cache.folder.write_text("a file where the folder would be")
    thumbnails = collection.thumbnails
    assert thumbnails.of(collection.items()[0]) == thumbnails.of(collection.items()[0])


def test_so_many_bytes_are_kept_and_no_more(collection: Collection, tmp_path: Path) -> None:
    thumbnails = module.Thumbnails(tmp_path / "few", module.ThumbnailSettings(largest=100_000))
    for side in range(20, 192):
        thumbnails.of(collection.items()[0], side)
    assert (tmp_path / "few" / module.FILE).stat().st_size < 150_000


def test_threads_may_share_them(collection: Collection) -> None:
    thumbnails, items = collection.thumbnails, collection.items()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda place: thumbnails.of(items[place % 4]), range(40)))
    assert made == made[:4] * 10
