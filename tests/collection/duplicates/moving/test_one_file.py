"""A file that several paths lead to is never moved as its own duplicate, and nothing is moved into the collection."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.duplicates.moving.move import MoveReport, move_copies
from podoba.collection.duplicates.results import KINDS, Copy, Group
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

Index = Callable[..., Collection]


@pytest.fixture
def real(linked: Path) -> Path:
    return linked / "real"


@pytest.fixture
def index(tmp_path: Path, encoder: Encoder) -> Index:
    """Brings a collection up to date with sources, and gives it."""
    collection = Collection.open(tmp_path / "c.podoba", create=True)

    def update(*sources: Path) -> Collection:
        index_sources(collection, [open_source(str(source)) for source in sources], encoder)
        return collection

    return update


def as_group(*items: Item) -> Group:
    """As if items had been found to be of identical bytes, the first of them kept."""
    kind = KINDS[0]
    return Group(kind, Copy(items[0], "", kind, True), [Copy(item, "", kind) for item in items[1:]])


def named(collection: Collection, *names: str) -> list[Item]:
    by_end = {name: next(item for item in collection.items() if item.uri.endswith(name)) for name in names}
    return [by_end[name] for name in names]


def reasons(report: MoveReport) -> list[str]:
    return [row.reason for row in report.left]


def test_moving_the_duplicates_of_two_roots_of_one_folder_moves_nothing(real: Path, index: Index, tmp_path: Path) -> None:
    collection = index(real, tmp_path / "link")
    report = collection.move_copies(collection.find_duplicates(), tmp_path / "moved")
    assert (report.moved, report.left) == ([], [])
    assert sorted(path.name for path in real.iterdir()) == ["0.jpg", "1.jpg", "2.jpg"]


@pytest.mark.parametrize("kept", ["real/0.jpg", "link/0.jpg"])
def test_two_paths_to_one_file_stay_whatever_was_found(real: Path, index: Index, tmp_path: Path, kept: str) -> None:
    collection = index(real, tmp_path / "link")
    pair = named(collection, "real/0.jpg", "link/0.jpg")
    pair.sort(key=lambda item: not item.uri.endswith(kept))
    report = move_copies(collection.store, [as_group(*pair)], tmp_path / "moved")
    assert report.moved == []
    assert reasons(report) == [f"the same file as {pair[0].uri}, which is kept"]
    assert (real / "0.jpg").exists()
    assert not (tmp_path / "moved" / "real").exists()


def test_a_copy_and_the_kept_one_of_another_group_in_one_run(real: Path, index: Index, tmp_path: Path) -> None:
    """What is kept for one may be moved for another: each is looked at again before its own move."""
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(real / "0.jpg", real / name)
    collection = index(real)
    zero, first, second = named(collection, "0.jpg", "a.jpg", "b.jpg")
    report = move_copies(
        collection.store, [as_group(zero, first), as_group(first, second), as_group(second, zero)], tmp_path / "moved"
    )
    assert [before for before, _ in report.moved] == [str(real / "a.jpg"), str(real / "0.jpg")]
    assert len(report.left) == 1
    assert (real / "b.jpg").exists()


def test_other_names_of_a_moved_file_are_forgotten_with_it(real: Path, index: Index, tmp_path: Path) -> None:
    shutil.copy(real / "0.jpg", real / "copy.jpg")
    collection = index(real, tmp_path / "link")
    report = collection.move_copies(collection.find_duplicates(), tmp_path / "moved")
    assert len(report.moved) == 1
    gone = Path(report.moved[0][0]).name
    assert {Path(item.uri).name for item in collection.items()} == {"0.jpg", "1.jpg", "2.jpg", "copy.jpg"} - {gone}
    assert collection.check() == []


@pytest.mark.parametrize("link", [os.link, lambda file, name: name.symlink_to(file)], ids=["hard", "soft"])
def test_one_of_two_names_of_a_copy_is_left(real: Path, index: Index, tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    shutil.copy(real / "0.jpg", real / "copy.jpg")
    link(real / "copy.jpg", real / "name.jpg")
    collection = index(real)
    zero, copy = named(collection, "0.jpg", "copy.jpg")
    report = move_copies(collection.store, [as_group(zero, copy)], tmp_path / "moved")
    assert report.moved == []
    assert "one file with" in reasons(report)[0]
    assert (real / "name.jpg").read_bytes() == (real / "copy.jpg").read_bytes()


def test_a_file_that_no_number_tells_to_be_the_kept_one_comes_back(
    real: Path, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is mounted twice over a network: two devices, one file."""
    collection = index(real, tmp_path / "link")
    pair = named(collection, "real/0.jpg", "link/0.jpg")
    status = os.stat

    def twice(path: str | Path, **options: bool) -> os.stat_result:
        found = status(path, **options)
        if "/link/" not in str(path):
            return found
        return os.stat_result([*found[:2], found.st_dev + 1, *found[3:]])

    monkeypatch.setattr(os, "stat", twice)
    before = (real / "0.jpg").read_bytes()
    report = move_copies(collection.store, [as_group(*pair)], tmp_path / "moved")
    assert report.moved == []
    assert "the same file as" in reasons(report)[0]
    assert (real / "0.jpg").read_bytes() == before
    assert len(collection) == 6


def test_what_was_called_the_same_picture_and_is_not_stays(real: Path, index: Index, tmp_path: Path) -> None:
    collection = index(real)
    zero, one = named(collection, "0.jpg", "1.jpg")
    for kind in KINDS[1:3]:
        group = Group(kind, Copy(zero, "", kind, True), [Copy(one, "", kind)])
        report = move_copies(collection.store, [group], tmp_path / "moved")
        assert report.moved == []
        assert reasons(report) == ["shows another picture than the one to keep"]
    assert (real / "1.jpg").exists()


def test_what_does_not_decode_whole_is_never_kept_for_another(real: Path, index: Index, tmp_path: Path) -> None:
    shutil.copy(real / "0.jpg", real / "copy.jpg")
    collection = index(real)
    data = (real / "0.jpg").read_bytes()[:-200]
    zero, copy = named(collection, "0.jpg", "copy.jpg")
    (real / "0.jpg").write_bytes(data)
    broken = as_group(replace(zero, content=hashlib.sha256(data).hexdigest()), copy)
    report = move_copies(collection.store, [broken], tmp_path / "moved")
    assert report.moved == []
    assert reasons(report) == [f"the one to keep, {real / '0.jpg'}: it cannot be decoded whole"]


@pytest.mark.parametrize("target", ["real/away", "link/away", "link/../real/away", "sub/away", "."])
def test_not_into_the_collection_by_any_path(real: Path, index: Index, tmp_path: Path, target: str) -> None:
    """`.` holds the source's own name, so that files would come back into it under a number."""
    (real / "below").mkdir()
    shutil.copy(real / "0.jpg", real / "below" / "copy.jpg")
    (tmp_path / "sub").symlink_to(real / "below")
    collection = index(real)
    with pytest.raises(CollectionError, match="which is indexed"):
        collection.move_copies(collection.find_duplicates(), tmp_path / target)
    assert len(list(real.rglob("*.jpg"))) == 4


def test_items_of_unknown_bytes_are_neither_moved_nor_kept_for_others(real: Path, index: Index, tmp_path: Path) -> None:
    shutil.copy(real / "0.jpg", real / "copy.jpg")
    collection = index(real)
    zero, copy = named(collection, "0.jpg", "copy.jpg")
    for pair in ((replace(zero, content=""), copy), (zero, replace(copy, content=""))):
        report = move_copies(collection.store, [as_group(*pair)], tmp_path / "moved")
        assert report.moved == []
        assert "its bytes are not known" in reasons(report)[0]
