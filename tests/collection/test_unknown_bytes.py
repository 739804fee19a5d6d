"""Items whose bytes are not known, as those of imported descriptors: what is unknown equals nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from podoba.cache.content import ContentCache
from podoba.collection.collection import Collection, change_model, index_sources
from podoba.collection.storage.items import Item
from podoba.collection.update.moves import follow_moves, gone_elsewhere
from podoba.images.sources.base import record_id
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    for seed in range(6):
        picture(tmp_path / "photos" / f"{seed}.png", seed, (64, 48))
    return tmp_path / "photos"


@pytest.fixture
def imported(tmp_path: Path, photos: Path, encoder: Encoder) -> Collection:
    """The six pictures, as a table of descriptors names them: nothing is known of their files."""
    collection = Collection.open(tmp_path / "c.podoba", create=True)
    descriptors = np.random.default_rng(0).standard_normal((6, encoder.card.dim))
    np.savez(
        tmp_path / "d.npz",
        uri=[str(photos / f"{seed}.png") for seed in range(6)],
        descriptor=descriptors.astype(np.float32),
        content=["a photograph"] * 6,  # a column of this name that is no checksum
    )
    collection.claim(encoder, "tiny")
    assert collection.import_items(tmp_path / "d.npz", model="tiny").added == 6
    return collection


def test_they_are_no_duplicates_of_each_other(imported: Collection) -> None:
    assert {item.content for item in imported.items()} == {""}
    assert imported.find_duplicates().groups == []
    assert imported.find_duplicates(kinds=["identical"]).groups == []


def test_they_are_found_by_their_pixels(imported: Collection, photos: Path) -> None:
    (photos / "1.png").write_bytes((photos / "0.png").read_bytes())
    [group] = imported.find_duplicates().groups
    assert group.kind == "same picture"
    assert imported.set_apart([group.keep.item, group.copies[0].item]) == 1
    assert imported.find_duplicates().groups == []


def test_setting_two_apart_says_nothing_of_the_others(imported: Collection, photos: Path) -> None:
    for seed in (1, 2, 3):
        (photos / f"{seed}.png").write_bytes((photos / "0.png").read_bytes())
    items = imported.items()
    imported.set_apart(items[4:6])
    assert imported.store.not_duplicates.pairs() == {tuple(sorted(item.picture for item in items[4:6]))}
    [group] = imported.find_duplicates().groups
    assert len(group.copies) == 3


def test_no_thumbnail_of_one_is_shown_for_another(imported: Collection) -> None:
    first, second = imported.items()[:2]
    assert imported.thumbnails.of(first) != imported.thumbnails.of(second)


def test_nothing_is_cached_of_unknown_bytes(tmp_path: Path) -> None:
    cache = ContentCache(tmp_path / "cache" / "c.sqlite", 1 << 20)
    cache.put({"": b"unknown"})
    assert not cache.path.exists()
    cache.put({"a": b"1", "": b"unknown"})
    assert cache.get(["", "a"]) == {"a": b"1"}
    with closing(sqlite3.connect(cache.path)) as connection, connection:
        connection.execute("UPDATE derived SET content = ''")  # as an earlier version kept it
    assert cache.get([""]) == {}


def test_none_of_them_is_found_by_its_bytes(imported: Collection) -> None:
    assert imported.store.items.of_content("", 10) == []
    assert gone_elsewhere(imported.store, "") is None


def test_one_whose_file_is_gone_does_not_follow_a_file_that_cannot_be_read(imported: Collection, photos: Path) -> None:
    """The bytes of neither are known."""
    source = open_source(str(photos))
    before = {item.id: item.uri for item in imported.items()}
    (photos / "0.png").rename(photos / "new.png")
    listed = open_source(str(photos))
    (photos / "new.png").unlink()
    assert follow_moves(imported.store, [listed]) == 0
    assert {item.id: item.uri for item in imported.items()} == before
    assert len(source) == len(listed) == 6


def test_indexing_makes_them_known(imported: Collection, photos: Path, encoder: Encoder) -> None:
    report = index_sources(imported, [open_source(str(photos))], encoder)
    assert (report.changed, report.added, report.moved) == (6, 0, 0)
    assert len({item.content for item in imported.items()}) == 6


def test_another_model_forgets_none_of_them(imported: Collection, tmp_path: Path, other_encoder: Encoder) -> None:
    (tmp_path / "elsewhere").mkdir()
    change_model(imported, [open_source(str(tmp_path / "elsewhere"))], other_encoder)
    assert len(imported) == 6


def test_a_mark_of_one_is_no_mark_of_another(imported: Collection) -> None:
    items = imported.items()
    imported.mark(f"id:{items[0].id}", right=[items[1].id])
    assert [row.id for row in imported.marks()] == [items[1].id]
    assert imported.key_of(f"id:{items[0].id}") != imported.key_of(f"id:{items[2].id}")


@pytest.mark.parametrize("content", ["", "ab" * 32])
def test_what_an_item_has_in_common_with_others(content: str) -> None:
    one, two = (Item(record_id(uri), uri, "/", None, content, 0, None, 0, 0, "") for uri in ("/a", "/b"))
    assert (one.picture == two.picture) == bool(content)
