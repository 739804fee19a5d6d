"""Copies are moved out of the way, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection, find_duplicates, index_sources
from podoba.collection.duplicates.moving.log import LOG
from podoba.collection.duplicates.moving.move import move_copies
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]


def test_copies_are_moved_and_nothing_is_lost(photos: Path, indexed: Indexed, tmp_path: Path, photograph: Photograph) -> None:
    inner = photos / "trip"
    inner.mkdir()
    photograph(1).save(inner / "encoded.jpg", quality=60)
    photograph(2).save(inner / "changed.jpg", quality=60)
    collection = indexed()
    groups = find_duplicates(collection).groups
    photograph(40).save(inner / "changed.jpg")
    away = tmp_path / "away"
    taken = away / "photos" / "trip" / "encoded.jpg"
    taken.parent.mkdir(parents=True)
    taken.write_text("of somebody else")
    encoded = (inner / "encoded.jpg").read_bytes()
    report = move_copies(collection.store, groups, away)
    assert report.moved == [(str(inner / "encoded.jpg"), str(taken.with_name("encoded-1.jpg")))]
    assert taken.read_text() == "of somebody else"
    assert taken.with_name("encoded-1.jpg").read_bytes() == encoded
    assert not (inner / "encoded.jpg").exists()
    assert [row.reason for row in report.left] == ["changed since it was indexed: index again"]
    assert str(inner / "encoded.jpg") in (away / LOG).read_text()
    assert len(collection) == 13
    again = index_sources(collection, [open_source(str(photos))], Encoder(Path(collection.store.database.fact("path") or "")))
    assert (again.vanished, again.added) == (0, 0)


def test_nothing_is_moved_where_the_kept_one_is_gone(
    photos: Path, indexed: Indexed, tmp_path: Path, photograph: Photograph
) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    groups = find_duplicates(collection).groups
    (photos / "1.png").unlink()
    report = move_copies(collection.store, groups, tmp_path / "away")
    assert report.moved == []
    assert "the one to keep" in report.left[0].reason
    assert (photos / "encoded.jpg").exists()


def test_files_are_copied_where_they_cannot_be_linked(
    photos: Path, indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photograph: Photograph
) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    encoded = (photos / "encoded.jpg").read_bytes()
    collection = indexed()

    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    report = move_copies(collection.store, find_duplicates(collection).groups, tmp_path / "away")
    assert Path(report.moved[0][1]).read_bytes() == encoded
    assert not (photos / "encoded.jpg").exists()


def test_not_into_a_folder_that_is_indexed(photos: Path, indexed: Indexed, photograph: Photograph) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    collection = indexed()
    with pytest.raises(CollectionError, match="which is indexed"):
        move_copies(collection.store, find_duplicates(collection).groups, photos / "away")


def test_images_in_an_archive_are_left(encoder: Encoder, photos: Path, tmp_path: Path, photograph: Photograph) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    archive = shutil.make_archive(str(tmp_path / "photos"), "zip", photos)
    with Collection.open(tmp_path / "zip.podoba", create=True) as collection:
        index_sources(collection, [open_source(archive)], encoder)
        report = move_copies(collection.store, find_duplicates(collection).groups, tmp_path / "away")
    assert report.moved == []
    assert "archive" in report.left[0].reason
