"""The index of a large collection: built, measured, opened, followed by what changes, and never trusted when damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.index import build as index_build
from podoba.collection.index import refresh as index_refresh
from podoba.collection.index.build import build_index
from podoba.collection.index.exact import Rows
from podoba.collection.index.hnsw import NeighbourIndex, rows_in_order
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError

Descriptors = Callable[[int, int], np.ndarray]
ItemOf = Callable[[int], Item]


def exact(collection: Collection, query: np.ndarray, k: int = 10) -> list[int]:
    vectors = collection.vectors()
    order = np.lexsort((vectors.numbers, -(vectors.matrix.astype(np.float64) @ query)))
    return vectors.numbers[order[:k]].tolist()


def recall(collection: Collection, queries: np.ndarray) -> float:
    found = collection.nearest(queries, 10)
    assert not found.exact
    return float(
        np.mean([len(set(row.tolist()) & set(exact(collection, q))) / 10 for row, q in zip(found.numbers, queries, strict=True)])
    )


def index_facts(collection: Collection) -> dict[str, object]:
    return dict(collection.info()["index"])


def test_an_index_is_built_measured_and_told(indexed: Collection, descriptors_of: Descriptors) -> None:
    facts = index_facts(indexed)
    assert (facts["kind"], facts["fresh"], facts["beside"]) == ("hnsw", True, 0)
    assert 0.99 <= facts["recall@10"] <= 1
    queries = descriptors_of(5, 60)
    with Collection.open(indexed.path, read_only=True) as reader:
        assert recall(reader, queries) >= 0.98
        one = reader.nearest(queries[0], 10)
        vectors = reader.vectors()
        rows = np.searchsorted(vectors.numbers, one.numbers[0])
        np.testing.assert_allclose(one.similarities[0], vectors.matrix[rows] @ queries[0], atol=1e-6)
        assert (np.diff(one.similarities[0]) <= 0).all()
        many = reader.nearest(queries, 1500)  # more than the index is asked for
        assert many.exact
        assert many.numbers[3].tolist() == exact(reader, queries[3], 1500)


@pytest.mark.parametrize("where", ["width > 0", "label == 'cat'", "width in [100, 4200, 170000]", "width < 0"])
def test_filters_are_exact_beside_an_index(indexed: Collection, descriptors_of: Descriptors, where: str) -> None:
    ids = {item.id for item in indexed.items(where)}
    kept = {number for number, item in enumerate(indexed.items(), 1) if item.id in ids}
    for query in descriptors_of(6, 5):
        found = indexed.nearest(query, 10, where)
        assert found.exact
        assert found.numbers[0].tolist() == [n for n in exact(indexed, query, 2000) if n in kept][:10]


def test_what_came_changed_or_went_is_searched_beside_the_index_at_once(
    indexed: Collection, item_of: ItemOf, descriptors_of: Descriptors
) -> None:
    before = indexed.index.cache.read_manifest()
    new = descriptors_of(7, 20)
    with Collection.open(indexed.path, read_only=True) as reader:
        assert len(reader.nearest(new[0], 5).numbers[0]) == 5
        indexed.put([item_of(i) for i in range(2000, 2010)], new[:10])  # came
        indexed.put([item_of(i) for i in range(10)], new[10:])  # changed
        indexed.remove([item_of(i).id for i in range(100, 110)])  # went
        assert indexed.refresh_index() is None
        assert indexed.index.cache.read_manifest() == before  # no rebuild for so little
        assert index_facts(reader) | {"recall@10": 0, "bytes": 0} == index_facts(indexed) | {"recall@10": 0, "bytes": 0}
        assert (index_facts(reader)["fresh"], index_facts(reader)["beside"]) == (True, 20)
        for i, query in enumerate(new):
            assert reader.nearest(query, 1).numbers[0, 0] == (2001 + i if i < 10 else i - 9)
        gone = reader.nearest(descriptors_of(0, 2000)[100:110], 10).numbers
        assert not set(range(101, 111)) & set(gone.ravel().tolist())
        assert recall(reader, descriptors_of(8, 40)) >= 0.98
        assert len(reader.vectors().numbers) == len(reader) == 2000


def test_many_new_items_are_added_to_the_index_and_most_make_a_new_one(
    indexed: Collection, item_of: ItemOf, descriptors_of: Descriptors
) -> None:
    indexed.remove([item_of(i).id for i in range(50, 80)])
    indexed.put([item_of(i) for i in range(2000, 2200)], descriptors_of(9, 200))
    assert indexed.refresh_index() is None
    manifest = indexed.index.cache.read_manifest()
    assert (manifest.rows, manifest.index.built) == (2200, 2000)
    assert index_facts(indexed)["beside"] == 0
    with Collection.open(indexed.path, read_only=True) as reader:
        assert recall(reader, descriptors_of(10, 60)) >= 0.98
        assert reader.nearest(descriptors_of(9, 200)[5], 1).numbers[0, 0] == 2006
        assert len(reader.vectors().numbers) == 2170
        np.testing.assert_array_equal(reader.vectors().numbers, [n for n in range(1, 2201) if not 51 <= n <= 80])
    assert len(list(indexed.index.cache.folder.iterdir())) == 3
    indexed.put([item_of(i) for i in range(3000, 3800)], descriptors_of(11, 800))
    assert indexed.refresh_index() is None
    manifest = indexed.index.cache.read_manifest()
    assert (manifest.rows, manifest.index.built) == (2970, 2970)
    assert recall(indexed, descriptors_of(10, 60)) >= 0.98


def test_a_collection_that_shrinks_needs_no_cache(indexed: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_refresh, "EXACT_BYTES", 1 << 20)
    assert indexed.refresh_index() is None
    assert not indexed.index.cache.folder.exists()
    assert index_facts(indexed)["kind"] == "exact"


def test_a_target_that_no_index_meets_leaves_search_exact_and_says_why(
    indexed: Collection, monkeypatch: pytest.MonkeyPatch, descriptors_of: Descriptors
) -> None:
    monkeypatch.setattr(index_build, "WORTH", 1e9)
    reason = indexed.refresh_index(force=True)
    assert reason is not None
    assert "fewer than 0.99" in reason
    assert indexed.refresh_index() == reason  # and it is not tried again and again
    assert (index_facts(indexed)["kind"], index_facts(indexed)["why"]) == ("exact", reason)
    assert indexed.nearest(descriptors_of(1, 1), 10).exact
    monkeypatch.setattr(index_build, "MEMORY_SHARE", 1e-12)
    assert "does not fit into the memory" in str(indexed.refresh_index(force=True))


def test_inverted_files_for_what_a_graph_is_too_large_for(
    indexed: Collection, monkeypatch: pytest.MonkeyPatch, descriptors_of: Descriptors, item_of: ItemOf
) -> None:
    monkeypatch.setattr(index_build, "IVF_FROM", 0)
    assert indexed.refresh_index(force=True) is None
    assert index_facts(indexed)["kind"] == "ivf"
    with Collection.open(indexed.path, read_only=True) as reader:
        assert recall(reader, descriptors_of(5, 60)) >= 0.98
        indexed.remove([item_of(3).id])
        assert 4 not in reader.nearest(descriptors_of(0, 4)[3], 10).numbers
    indexed.put([item_of(i) for i in range(2000, 2200)], descriptors_of(9, 200))
    assert indexed.refresh_index() is None
    assert indexed.nearest(descriptors_of(9, 200)[5], 1).numbers[0, 0] == 2006


def test_a_cache_of_another_history_is_not_used(indexed: Collection, item_of: ItemOf, descriptors_of: Descriptors) -> None:
    """Two copies that went different ways come to the same number of changes; the cache of one must not answer for the other."""
    twin = indexed.path.with_name("twin.podoba")
    indexed.copy_to(twin)
    with Collection.open(twin) as other:
        other.put([item_of(1)], descriptors_of(20, 1))
        indexed.put([item_of(2)], descriptors_of(21, 1))
        assert other.store.database.generation == indexed.store.database.generation
        assert indexed.refresh_index(force=True) is None
        for path in indexed.index.cache.folder.iterdir():
            other.index.cache.folder.mkdir(exist_ok=True)
            (other.index.cache.folder / path.name).write_bytes(path.read_bytes())
        assert other.nearest(descriptors_of(20, 1), 1).exact
        assert other.nearest(descriptors_of(20, 1), 1).numbers[0, 0] == 2
        assert index_facts(other)["fresh"] is False


def test_a_damaged_cache_is_noticed_and_the_answer_is_that_of_the_file(indexed: Collection, descriptors_of: Descriptors) -> None:
    queries = descriptors_of(5, 8)
    expected = [exact(indexed, query) for query in queries]
    rng = np.random.default_rng(0)
    files = sorted(indexed.index.cache.folder.iterdir())
    assert len(files) == 3
    for path in files:
        whole = path.read_bytes()
        for _ in range(8):
            broken = bytearray(whole)
            bit = int(rng.integers(0, 8 * len(whole)))
            broken[bit // 8] ^= 1 << (bit % 8)
            path.write_bytes(broken)
            with Collection.open(indexed.path, read_only=True) as reader:
                found = reader.nearest(queries, 10, "width >= 0")
                assert found.numbers.tolist() == expected
                near = reader.nearest(queries, 10)
                assert np.mean([len(set(a) & set(b)) for a, b in zip(near.numbers.tolist(), expected, strict=True)]) >= 9.5
        for size in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:size])
            with Collection.open(indexed.path, read_only=True) as reader:
                assert reader.nearest(queries, 10).numbers.tolist() == expected
        path.write_bytes(whole)
    assert not indexed.nearest(queries, 10).exact
    values = json.loads((indexed.index.cache.folder / "manifest.json").read_text())
    values["index"]["recall"] = 1.0
    (indexed.index.cache.folder / "manifest.json").write_text(json.dumps(values))
    assert indexed.index.cache.read_manifest() is None


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


def test_recall_is_asked_of_items_that_are_not_in_the_index(descriptors_of: Descriptors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_build, "WORTH", 0)
    matrix = descriptors_of(0, 1200)
    asked: list[int] = []
    real = NeighbourIndex.search

    def search(self: NeighbourIndex, queries: np.ndarray, k: int, alive: object = None) -> list[np.ndarray]:
        asked.append(len(self))
        return real(self, queries, k, alive)

    monkeypatch.setattr(NeighbourIndex, "search", search)
    built = build_index(Rows(np.arange(1200), matrix), 0.9)
    assert set(asked) == {900}
    assert (built.index.ntotal, built.sample, len(built.held)) == (1200, 300, 300)
    monkeypatch.undo()
    found = NeighbourIndex(built.index, "hnsw", 200, 10, built.held, 1200).search(matrix, 1)
    assert np.mean([rows[0] == row for row, rows in enumerate(found)]) > 0.99  # every place leads back to its row


def test_rows_in_the_order_in_which_they_were_added() -> None:
    order = rows_in_order(9, np.array([0, 3, 5]), 7)
    assert order is not None
    assert order.tolist() == [1, 2, 4, 6, 0, 3, 5, 7, 8]
    assert rows_in_order(5, np.empty(0, dtype=np.int64), 5) is None


def test_readers_do_not_make_an_index(indexed: Collection) -> None:
    with Collection.open(indexed.path, read_only=True) as reader, pytest.raises(CollectionError, match="for reading only"):
        reader.refresh_index()


def test_the_cache_may_be_removed_at_any_time(indexed: Collection, descriptors_of: Descriptors, tmp_path: Path) -> None:
    query = descriptors_of(5, 1)
    with Collection.open(indexed.path, read_only=True) as reader:
        first = reader.nearest(query, 10)
        for path in indexed.index.cache.folder.iterdir():
            path.unlink()
        assert reader.nearest(query, 10).numbers.tolist() == first.numbers.tolist()  # what is mapped stays
    with Collection.open(indexed.path, read_only=True) as reader:
        assert reader.nearest(query, 10).exact
    assert indexed.refresh_index() is None
    assert not indexed.nearest(query, 10).exact
