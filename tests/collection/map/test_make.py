"""Making the map of a collection, and what becomes of one that is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.map import make
from podoba.collection.map.files import map_path
from podoba.collection.map.make import kept_map, make_map
from podoba.collection.map.points import SIDE
from podoba.collection.map.settings import MapSettings
from podoba.collection.storage.items import Item

SETTINGS = MapSettings()


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """In the place of UMAP: the first two numbers of each descriptor. Gives the sizes of the maps that were made."""
    made: list[int] = []

    def points(descriptors: np.ndarray, settings: MapSettings, on_progress: object) -> tuple[np.ndarray, int]:
        made.append(len(descriptors))
        return descriptors[:, :2].copy(), len(descriptors)

    monkeypatch.setattr(make, "umap_points", points)
    return made


def descriptors(count: int, dim: int, seed: int) -> np.ndarray:
    x = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


def test_components_at_once_and_nothing_is_kept(filled: Collection) -> None:
    made = make_map(filled.index, "pca")
    assert made.layout == "pca"
    assert sorted(made.points.numbers.tolist()) == filled.store.items.numbers().tolist()
    assert made.explained is not None
    assert 0 < made.explained < 1
    assert int(made.points.places.max()) == SIDE
    assert not filled.index.cache.folder.exists()
    assert (made.generation, made.since, made.missing) == (filled.store.database.generation, 0, 0)


def test_a_kept_map_is_used_until_it_is_to_be_made_again(filled: Collection, fast: list[int]) -> None:
    first = make_map(filled.index, "umap")
    second = make_map(filled.index, "umap")
    assert fast == [60]
    assert np.array_equal(first.points.places, second.points.places)
    make_map(filled.index, "umap", again=True)
    assert fast == [60, 60]


def test_what_came_is_placed_what_changed_too_and_what_went_is_gone(filled: Collection, item_of: Callable[[int], Item]) -> None:
    before = make_map(filled.index, "umap")
    dim = filled.store.models.dim
    filled.put([item_of(100), item_of(3)], descriptors(2, dim, 5))
    filled.remove([item_of(7).id])
    after = kept_map(filled.index)
    assert after is not None
    assert (after.since, after.missing, len(after.points)) == (2, 0, 60)
    assert sorted(after.points.numbers.tolist()) == filled.store.items.numbers().tolist()
    places = dict(zip(before.points.numbers.tolist(), before.points.places.tolist(), strict=True))
    moved = [n for n, p in zip(after.points.numbers.tolist(), after.points.places.tolist(), strict=True) if places.get(n) != p]
    assert set(moved) <= {filled.store.items.number(item_of(i).id) for i in (100, 3)}


def test_a_new_item_lies_among_its_neighbours(filled: Collection, item_of: Callable[[int], Item]) -> None:
    made = make_map(filled.index, "umap")
    like = filled.vectors()
    target = int(like.numbers[10])
    filled.put([item_of(100)], like.matrix[10:11])
    after = kept_map(filled.index, replace(SETTINGS, placed_by=1))
    assert after is not None
    place = after.points.places[after.points.numbers == filled.store.items.number(item_of(100).id)]
    assert place.tolist() == made.points.places[made.points.numbers == target].tolist()


def test_more_than_can_be_placed_are_missing_and_the_map_is_made_again(
    filled: Collection, item_of: Callable[[int], Item], fast: list[int]
) -> None:
    make_map(filled.index, "umap")
    filled.put([item_of(i) for i in range(100, 105)], descriptors(5, filled.store.models.dim, 1))
    few = replace(SETTINGS, since=3)
    kept = kept_map(filled.index, few)
    assert kept is not None
    assert (kept.since, kept.missing) == (3, 2)
    assert make_map(filled.index, "umap", few).missing == 0
    assert fast == [60, 65]


def test_relabelling_leaves_the_map_as_it_is(filled: Collection, item_of: Callable[[int], Item]) -> None:
    made = make_map(filled.index, "umap")
    filled.store.items.change([(item_of(0).id, replace(item_of(0), label="other"))])
    kept = kept_map(filled.index)
    assert kept is not None
    assert kept.since == 0
    assert np.array_equal(kept.points.places, made.points.places)


def test_a_damaged_map_is_told_of_and_made_again(filled: Collection, fast: list[int], caplog: pytest.LogCaptureFixture) -> None:
    make_map(filled.index, "umap")
    path = map_path(filled.index.cache.folder, "umap")
    data = bytearray(path.read_bytes())
    data[-3] ^= 4
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        assert kept_map(filled.index) is None
    assert "the map is damaged" in caplog.text
    make_map(filled.index, "umap")
    assert fast == [60, 60]
    assert kept_map(filled.index) is not None


def test_a_map_of_another_model_is_not_used_and_of_a_copy_only_what_is_the_same(filled: Collection, tmp_path: Path) -> None:
    make_map(filled.index, "umap")
    path = map_path(filled.index.cache.folder, "umap")
    data = path.read_bytes()
    changed = data.replace(f'"fingerprint":"{filled.store.models.fingerprint}"'.encode(), b'"fingerprint":"another"')
    assert changed != data
    path.write_bytes(changed)
    assert kept_map(filled.index) is None
    path.write_bytes(data)
    filled.copy_to(tmp_path / "copy.podoba")
    copy = Collection.open(tmp_path / "copy.podoba")
    copied = map_path(copy.index.cache.folder, "umap")
    copied.parent.mkdir()
    copied.write_bytes(data)
    copy.put([filled.items()[0]], descriptors(1, filled.store.models.dim, 9))
    kept = kept_map(copy.index)
    assert kept is not None
    assert kept.since == 1


def test_an_empty_collection_has_an_empty_map(tmp_path: Path, encoder: object) -> None:
    with Collection.open(tmp_path / "empty.podoba", create=True) as empty:
        empty.claim(encoder, "tiny")  # type: ignore[arg-type]
        assert len(make_map(empty.index, "pca").points) == 0
        assert len(make_map(empty.index, "umap").points) == 0


def test_where_nothing_can_be_written_the_map_is_made_all_the_same(filled: Collection, caplog: pytest.LogCaptureFixture) -> None:
    filled.index.cache.folder.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        made = make_map(filled.index, "umap")
    assert len(made.points) == 60
    assert "cannot be kept" in caplog.text
