"""Searching in a collection: by its index, beside it, exactly under filters, and never by a cache that is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.index.block_checksums import DamagedCache
from podoba.collection.index.hnsw import NeighbourIndex
from podoba.collection.index.settings import IndexSettings
from podoba.collection.storage.items import Item

Descriptors = Callable[[int, int], np.ndarray]
ItemOf = Callable[[int], Item]


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


def index_facts(collection: Collection) -> dict[str, Any]:
    return dict(collection.info()["index"])


@pytest.mark.parametrize("where", ["width > 0", "label == 'cat'", "width in [100, 4200, 170000]", "width < 0"])
def test_filters_are_exact_beside_an_index(indexed: Collection, descriptors_of: Descriptors, where: str) -> None:
    ids = {item.id for item in indexed.items(where)}
    kept = {number for number, item in enumerate(indexed.items(), 1) if item.id in ids}
    for query in descriptors_of(6, 5):
        found = indexed.nearest(query, 10, where)
        assert found.exact
        assert found.numbers[0].tolist() == [n for n in exact(indexed, query, 2000) if n in kept][:10]


def test_what_came_changed_or_went_is_searched_beside_the_index_at_once(
    indexed: Collection, small: IndexSettings, item_of: ItemOf, descriptors_of: Descriptors
) -> None:
    before = indexed.index.cache.read_manifest()
    new = descriptors_of(7, 20)
    with Collection.open(indexed.path, read_only=True, index_settings=small) as reader:
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


def test_only_a_damaged_cache_is_given_up(
    indexed: Collection, descriptors_of: Descriptors, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queries = descriptors_of(5, 3)
    expected = indexed.nearest(queries, 10).numbers.tolist()
    view = indexed.index.view()

    def wrong(*_: object) -> None:
        raise ValueError("a mistake in the search")

    monkeypatch.setattr(NeighbourIndex, "search", wrong)
    with pytest.raises(ValueError, match="a mistake in the search"):
        indexed.nearest(queries, 10)
    assert indexed.index.view() is view
    monkeypatch.undo()
    assert indexed.nearest(queries, 10).numbers.tolist() == expected

    def damaged(*_: object) -> None:
        raise DamagedCache("bytes that are not those that were written")

    monkeypatch.setattr(NeighbourIndex, "search", damaged)
    answer = indexed.nearest(queries, 10)
    assert "the cache is damaged and not used" in caplog.text
    assert answer.exact
    assert answer.numbers.tolist() == [exact(indexed, query) for query in queries]
    assert indexed.index.view() is not view
    assert indexed.index.view().index is None


@pytest.mark.parametrize("length", [2.0, np.nan, np.inf])
def test_a_query_that_is_not_of_unit_length_is_refused(indexed: Collection, descriptors_of: Descriptors, length: float) -> None:
    with pytest.raises(ValueError, match="unit length"):
        indexed.nearest(descriptors_of(5, 1) * np.float32(length), 10)
    assert not indexed.nearest(descriptors_of(5, 1), 10).exact  # and the cache serves on


def test_eight_threads_search_while_one_writes(
    indexed: Collection, small: IndexSettings, item_of: ItemOf, descriptors_of: Descriptors
) -> None:
    """Each search answers of one state: an item that is found has the descriptor by which it was found."""
    base, new = descriptors_of(0, 2000), descriptors_of(7, 40)
    stop = Event()

    def search(seed: int) -> int:
        rng, turns = np.random.default_rng(seed), 0
        while not stop.is_set() or not turns:
            some = rng.integers(0, 2000, 3)
            where = [None, "label == 'cat'", "width >= 0"][turns % 3]
            with indexed.store.snapshot():
                answer = indexed.nearest(base[some], 5, where)
                items = indexed.store.items.names_of(answer.numbers[0])
                descriptors = indexed.store.descriptors.of_numbers(answer.numbers[0])
            np.testing.assert_allclose(descriptors @ base[some[0]], answer.similarities[0], atol=1e-5)
            assert where != "label == 'cat'" or {item.label for item in items} == {"cat"}
            if where == "width >= 0":
                assert answer.numbers[:, 0].tolist() == (some + 1).tolist()
            turns += 1
        return turns

    with ThreadPoolExecutor(9) as pool:
        searches = [pool.submit(search, seed) for seed in range(8)]

        def write() -> None:
            for turn in range(4):
                came = [item_of(i) for i in range(2000 + 10 * turn, 2010 + 10 * turn)]
                indexed.put(came, new[10 * turn : 10 * turn + 10])
                indexed.refresh_index(force=turn % 2 == 0)
                indexed.remove([came[0].id])

        try:
            pool.submit(write).result()
        finally:
            stop.set()
        assert all(one.result() >= 1 for one in searches)
    assert len(indexed) == 2036
    assert [line for line in indexed.check() if "image is gone" not in line] == []
    assert indexed.nearest(new[1], 1).numbers[0, 0] == 2002


def test_every_item_is_compared_where_that_is_asked(indexed: Collection, descriptors_of: Descriptors) -> None:
    for query in descriptors_of(7, 20):
        found = indexed.nearest(query, 10)
        asked = indexed.search(query, k=10, exact=True)
        assert not found.exact
        assert asked.exact
        numbers = exact(indexed, query)
        assert indexed.index.nearest(query, 10, exact=True).numbers[0].tolist() == numbers
        assert [indexed.store.items.number(hit.id) for hit in asked.hits] == numbers
