"""The index of a large collection: built where it pays, followed by what changes, rebuilt where too much did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.index.settings import IndexSettings
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError

Descriptors = Callable[[int, int], np.ndarray]
ItemOf = Callable[[int], Item]


def opened(collection: Collection, settings: IndexSettings) -> Collection:
    """The same collection, searched in another way."""
    return Collection.open(collection.path, index_settings=settings)


def exact(collection: Collection, query: np.ndarray, k: int = 10) -> list[int]:
    vectors = collection.vectors()
    order = np.lexsort((vectors.numbers, -(vectors.matrix.astype(np.float64) @ query)))
    numbers: list[int] = vectors.numbers[order[:k]].tolist()
    return numbers


def recall(collection: Collection, queries: np.ndarray) -> float:
    found = collection.nearest(queries, 10)
    assert not found.exact
    return float(
        np.mean([len(set(row.tolist()) & set(exact(collection, q))) / 10 for row, q in zip(found.numbers, queries, strict=True)])
    )


def rows(collection: Collection) -> tuple[int, int]:
    """Rows in the cache, and how many of them there were when its index was built."""
    manifest = collection.index.cache.read_manifest()
    assert manifest is not None
    assert manifest.index is not None
    return manifest.rows, manifest.index.built


def index_facts(collection: Collection) -> dict[str, object]:
    return dict(collection.info()["index"])


def test_many_new_items_are_added_to_the_index_and_most_make_a_new_one(
    indexed: Collection, item_of: ItemOf, descriptors_of: Descriptors
) -> None:
    indexed.remove([item_of(i).id for i in range(50, 80)])
    indexed.put([item_of(i) for i in range(2000, 2200)], descriptors_of(9, 200))
    assert indexed.refresh_index() is None
    assert rows(indexed) == (2200, 2000)
    assert index_facts(indexed)["beside"] == 0
    with Collection.open(indexed.path, read_only=True) as reader:
        assert recall(reader, descriptors_of(10, 60)) >= 0.98
        assert reader.nearest(descriptors_of(9, 200)[5], 1).numbers[0, 0] == 2006
        assert len(reader.vectors().numbers) == 2170
        np.testing.assert_array_equal(reader.vectors().numbers, [n for n in range(1, 2201) if not 51 <= n <= 80])
    assert len(list(indexed.index.cache.folder.iterdir())) == 3
    indexed.put([item_of(i) for i in range(3000, 3800)], descriptors_of(11, 800))
    assert indexed.refresh_index() is None
    assert rows(indexed) == (2970, 2970)
    assert recall(indexed, descriptors_of(10, 60)) >= 0.98


def test_a_collection_that_shrinks_needs_no_cache(indexed: Collection, small: IndexSettings) -> None:
    with opened(indexed, replace(small, exact_bytes=1 << 20)) as collection:
        assert collection.refresh_index() is None
        assert not collection.index.cache.folder.exists()
        assert index_facts(collection)["kind"] == "exact"


def test_a_target_that_no_index_meets_leaves_search_exact_and_says_why(
    indexed: Collection, small: IndexSettings, descriptors_of: Descriptors
) -> None:
    with opened(indexed, replace(small, worth=1e9)) as collection:
        reason = collection.refresh_index(force=True)
        assert reason is not None
        assert "fewer than 0.99" in reason
        assert collection.refresh_index() == reason  # and it is not tried again and again
        assert (index_facts(collection)["kind"], index_facts(collection)["why"]) == ("exact", reason)
        assert collection.nearest(descriptors_of(1, 1), 10).exact
    with opened(indexed, replace(small, memory_share=1e-12)) as collection:
        assert "does not fit into the memory" in str(collection.refresh_index(force=True))


def test_inverted_files_for_what_a_graph_is_too_large_for(
    indexed: Collection, small: IndexSettings, descriptors_of: Descriptors, item_of: ItemOf
) -> None:
    with opened(indexed, replace(small, ivf_from=0)) as collection:
        assert collection.refresh_index(force=True) is None
        assert index_facts(collection)["kind"] == "ivf"
        with Collection.open(collection.path, read_only=True) as reader:
            assert recall(reader, descriptors_of(5, 60)) >= 0.98
            collection.remove([item_of(3).id])
            assert 4 not in reader.nearest(descriptors_of(0, 4)[3], 10).numbers
        collection.put([item_of(i) for i in range(2000, 2200)], descriptors_of(9, 200))
        assert collection.refresh_index() is None
        assert collection.nearest(descriptors_of(9, 200)[5], 1).numbers[0, 0] == 2006


def test_a_full_disk_leaves_search_exact_and_nothing_behind(
    indexed: Collection, monkeypatch: pytest.MonkeyPatch, descriptors_of: Descriptors
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    files = sorted(path.name for path in indexed.index.cache.folder.iterdir())
    monkeypatch.setattr("podoba.collection.index.refresh.build_index", full)
    reason = indexed.refresh_index(force=True)
    assert reason is not None
    assert "No space left on device" in reason
    assert sorted(path.name for path in indexed.index.cache.folder.iterdir()) == files  # what was there still serves
    assert not indexed.nearest(descriptors_of(1, 1), 3).exact


def test_readers_do_not_make_an_index(indexed: Collection) -> None:
    with Collection.open(indexed.path, read_only=True) as reader, pytest.raises(CollectionError, match="for reading only"):
        reader.refresh_index()


def test_a_damaged_cache_is_rebuilt_from_the_file_when_it_would_grow(
    indexed: Collection, item_of: ItemOf, descriptors_of: Descriptors
) -> None:
    manifest = indexed.index.cache.read_manifest()
    assert manifest is not None
    path = indexed.index.cache.folder / manifest.file
    broken = bytearray(path.read_bytes())
    broken[100] ^= 1
    path.write_bytes(broken)
    indexed.put([item_of(i) for i in range(2000, 2200)], descriptors_of(9, 200))
    assert indexed.refresh_index() is None
    rebuilt = indexed.index.cache.read_manifest()
    assert rebuilt is not None
    assert rebuilt.index is not None
    assert rebuilt.index.built == rebuilt.rows == 2200
    assert recall(indexed, descriptors_of(10, 60)) >= 0.98
