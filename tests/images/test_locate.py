"""From an item's uri back to its bytes."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from podoba.errors import UnreadableImage
from podoba.images import locate as origin
from podoba.images.locate import container_of, find_record
from podoba.images.sources.open import open_source


def test_every_record_of_a_source_is_found_again(tmp_path: Path, picture: Callable[..., Path]) -> None:
    folder = tmp_path / "wow!"
    paths = [picture(folder / "a!" / f"{i}.png", i) for i in range(3)]
    (folder / "\udcff.png").write_bytes(b"12")
    place = tmp_path / "wow!" / "set.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for path in paths:
            archive.write(path, f"in!/{path.name}")
    for source in (folder, place):
        for record in open_source(source).records:
            again = find_record(record.uri)
            assert (again.id, again.uri, again.open()) == (record.id, record.uri, record.open())


def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    for name, what in (("pipe.jpg", "a pipe"), ("zero.png", "a device")):
        with pytest.raises(UnreadableImage, match=f"{what}, no file that can be read"):
            find_record(str(tmp_path / name)).open()


def test_a_container_is_told_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "wow!").mkdir()
    (tmp_path / "a.zip").touch()
    assert container_of(f"{tmp_path}/wow!/x.png") is None
    assert container_of(f"{tmp_path}/wow!/gone.png") is None
    assert container_of(f"{tmp_path}/a.zip!/wow!/x.png") == f"{tmp_path}/a.zip"
    assert container_of("digits!/17") == "digits"
    assert container_of("plain") is None


def test_an_archive_that_changed_is_read_anew(tmp_path: Path, picture: Callable[..., Path]) -> None:
    place = tmp_path / "a.zip"
    for seed in (1, 2):
        path = picture(tmp_path / "x.png", seed, size=(10 * seed, 10))
        with zipfile.ZipFile(place, "w") as archive:
            archive.write(path, "x.png")
        assert find_record(f"{place}!/x.png").open() == path.read_bytes()
    with pytest.raises(UnreadableImage, match="no longer there"):
        find_record(f"{place}!/y.png").open()
    place.write_bytes(b"no archive")
    with pytest.raises(UnreadableImage, match=r"a\.zip"):
        find_record(f"{place}!/x.png").open()
    place.unlink()
    with pytest.raises(UnreadableImage):
        find_record(f"{place}!/x.png").open()


def test_an_item_of_a_named_set_is_found(tmp_path: Path, picture: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "x.png", 1)
    record = replace(open_source(path).records[0], uri="digits!/17")
    fresh = lru_cache(origin._opened.__wrapped__)  # the records that were opened here must not be found by other tests
    monkeypatch.setattr(origin, "_opened", fresh)
    monkeypatch.setattr(origin, "open_source", lambda name: {"digits": SimpleNamespace(records=[record])}[name])
    assert find_record("digits!/17").open() == path.read_bytes()
    with pytest.raises(UnreadableImage, match="no longer there"):
        find_record("digits!/18").open()
