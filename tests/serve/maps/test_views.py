"""Maps kept in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.serve.maps.views import Maps
from podoba.serve.problems import Problem


@pytest.fixture
def shapes_copy(shapes_collection: Path, tmp_path: Path) -> Iterator[Collection]:
    """The shapes, to be changed."""
    with Collection.open(Path(shutil.copy(shapes_collection, tmp_path / "shapes.podoba"))) as opened:
        yield opened


def test_bytes_are_numbers_then_places(shapes_copy: Collection) -> None:
    view = Maps().view(shapes_copy, "pca")
    data = view.to_bytes()
    (count,) = np.frombuffer(data, "<u4", 1)
    assert count == 36
    assert len(data) == 4 + 8 * 36
    assert np.array_equal(np.frombuffer(data, "<u4", 36, 4), view.map.points.numbers)
    assert np.array_equal(np.frombuffer(data, "<u2", 36, 4 + 4 * 36), view.map.points.places[:, 0])
    assert np.array_equal(np.frombuffer(data, "<u2", 36, 4 + 6 * 36), view.map.points.places[:, 1])


def test_a_mask_has_a_bit_for_each_item_in_the_order_of_the_map(shapes_copy: Collection) -> None:
    view = Maps().view(shapes_copy, "pca")
    circles = shapes_copy.store.items.numbers("label == 'circle'")
    bits = np.unpackbits(np.frombuffer(view.mask(circles), np.uint8), count=36, bitorder="little")
    assert [bool(bit) for bit in bits] == [number in circles for number in view.map.points.numbers]


def test_codes_are_in_the_order_of_the_map(shapes_copy: Collection) -> None:
    maps = Maps()
    view = maps.view(shapes_copy, "pca")
    codes = maps.codes(shapes_copy, view, "label")
    names = shapes_copy.store.items.names_of(view.map.points.numbers)
    entries = maps.colouring(shapes_copy, "label")[1].entries
    assert [entries[code - 1]["value"] for code in codes] == [name.label for name in names]
    assert maps.codes(shapes_copy, view, "cluster").min() == 1
    assert view.codes(np.array([999]), np.array([5], dtype=np.uint16)).tolist() == [0] * 36


def test_what_is_kept_is_made_again_once_something_changed(shapes_copy: Collection) -> None:
    maps = Maps()
    first = maps.view(shapes_copy, "pca")
    assert maps.view(shapes_copy, "pca") is first
    shapes_copy.remove([shapes_copy.items()[0].id])
    second = maps.view(shapes_copy, "pca")
    assert len(second.map.points) == 35
    assert first.tag != second.tag


def test_many_threads_make_it_once(shapes_copy: Collection) -> None:
    maps = Maps()
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: maps.view(shapes_copy, "pca"), range(6)))
    assert all(view is made[0] for view in made)


def test_no_umap_yet_and_nothing_of_a_name(shapes_copy: Collection) -> None:
    with pytest.raises(Problem) as missing:
        Maps().view(shapes_copy, "umap")
    with pytest.raises(Problem) as unknown:
        Maps().colouring(shapes_copy, "colour")
    assert (missing.value.code, unknown.value.code) == ("no_map", "unknown_attribute")


def test_clusters_in_words(shapes_copy: Collection) -> None:
    described = Maps().described_clusters(shapes_copy)
    assert sum(cluster["size"] for cluster in described) == 36
    assert [cluster["number"] for cluster in described] == list(range(1, len(described) + 1))
    for cluster in described:
        assert cluster["label"] in ("circle", "square", "triangle")
        assert 1 / 3 <= cluster["share"] <= 1
        assert 1 <= len(cluster["items"]) <= 6
