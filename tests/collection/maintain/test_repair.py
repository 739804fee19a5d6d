"""Mending: damaged rows go, the rest stays, and the next update makes whole what is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder


@pytest.fixture
def photos(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    for i in range(8):
        picture(tmp_path / "photos" / f"{i}.png", i)
    return tmp_path / "photos"


def tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_damaged_rows_are_forgotten_and_come_back_with_the_next_update(tmp_path: Path, photos: Path, encoder: Encoder) -> None:
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        index_sources(collection, [open_source(photos)], encoder)
        before = collection.vectors().matrix
        items = collection.items()
    tamper(
        tmp_path / "x.podoba",
        "UPDATE items SET label = 'wrong' WHERE number = 2",
        "UPDATE descriptors SET vector = (SELECT vector FROM descriptors WHERE item = 8) WHERE item = 4",
        "DELETE FROM descriptors WHERE item = 6",
    )
    with Collection.open(tmp_path / "x.podoba") as collection:
        assert sum("damaged" in line for line in collection.check()) == 3
        with pytest.raises(CollectionError, match="damaged"):
            collection.nearest(before[0], 3)
        with pytest.raises(CollectionError, match="damaged"):
            collection.nearest(before[0], 3, "width > 0")
        done = collection.repair()
        assert [line.partition(":")[0] for line in done] == [items[i].uri for i in (1, 3, 5)]
        assert collection.check() == []
        report = index_sources(collection, [open_source(photos)], encoder)
        assert (report.added, report.unchanged) == (3, 5)
        assert sorted(map(bytes, collection.vectors().matrix)) == sorted(map(bytes, before))
        assert collection.repair() == []


def test_images_that_are_gone_are_left(tmp_path: Path, photos: Path, encoder: Encoder) -> None:
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        index_sources(collection, [open_source(photos)], encoder)
        photos.rename(tmp_path / "unplugged")
        assert len(collection.check()) == 8
        assert collection.repair() == []
        assert len(collection) == 8


def test_a_damaged_cache_is_named_and_made_anew(indexed: Collection, descriptors_of: Callable[[int, int], np.ndarray]) -> None:
    for path in sorted(indexed.index.cache.folder.iterdir()):
        path = next(p for p in indexed.index.cache.folder.iterdir() if p.name.partition("-")[0] == path.name.partition("-")[0])
        broken = bytearray(path.read_bytes())
        broken[len(broken) // 2] ^= 4
        path.write_bytes(broken)
        assert [line for line in indexed.check() if "cache is damaged" in line]
        assert indexed.repair() == [f"{indexed.index.cache.folder}: rebuilt"]
        assert [line for line in indexed.check() if "cache" in line] == []
        assert not indexed.nearest(descriptors_of(1, 1), 3).exact


def test_a_cache_that_differs_from_the_file_is_noticed(indexed: Collection) -> None:
    """As if a program had written past the log of changes."""
    indexed.close()
    with Collection.open(indexed.path) as opened:
        number, blob = 7, np.eye(1, 16, dtype="<f4").tobytes()
        opened.store.database.execute(
            "UPDATE descriptors SET vector = ?, checksum = checksum(?, 7) WHERE item = ?", [blob, blob, number]
        )
        assert any("item number 7 differs" in line for line in opened.check())
