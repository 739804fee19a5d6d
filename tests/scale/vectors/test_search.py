"""Searches where an index alone would fall short."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from podoba.arrays import Floats
from podoba.scale.vectors.open import create_vectors
from podoba.scale.vectors.search import MilvusVectors
from tests.scale.servers.milvus import MilvusProcess
from tests.scale.vectors.conftest import DIM, QUICK, make_item, make_model, new_name

pytestmark = pytest.mark.scale
CLUSTERS, EACH = 40, 150


@pytest.fixture(scope="module")
def clustered() -> Floats:
    """Descriptors in clusters: those of one label are far from those of another."""
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(CLUSTERS, 1, DIM))
    points = (centres / np.linalg.norm(centres, axis=2, keepdims=True) + 0.15 * rng.normal(size=(CLUSTERS, EACH, DIM))).reshape(
        -1, DIM
    )
    made: Floats = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return made


@pytest.fixture(scope="module")
def vectors(milvus_server: MilvusProcess, tmp_path_factory: pytest.TempPathFactory, clustered: Floats) -> Iterator[MilvusVectors]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PODOBA_DATA", str(tmp_path_factory.mktemp("search")))
        with create_vectors(new_name(milvus_server), make_model(), "tiny", settings=QUICK) as made:
            items = [make_item(row, label=f"c{row // EACH}", size=row % 100) for row in range(len(clustered))]
            made.store.put(items, clustered)
            made.store.remote.settle()
            yield made


@pytest.mark.parametrize("where", [None, "label == 'c7'", "label in ['c3', 'c30'] and size < 50", "size == 3", "'0015' in uri"])
def test_a_label_far_from_the_query_is_found(vectors: MilvusVectors, clustered: Floats, where: str | None) -> None:
    queries = clustered[:: 157 if where is None or "uri" not in where else 1570]
    found, exact = vectors.nearest(queries, 10, where), vectors.nearest(queries, 10, where, exact=True)
    assert found.numbers.shape == exact.numbers.shape == (len(queries), 10)
    assert exact.exact
    shared = [len(set(a) & set(b)) for a, b in zip(found.numbers.tolist(), exact.numbers.tolist(), strict=True)]
    assert sum(shared) / (10 * len(queries)) >= 0.99


def test_the_index_itself_finds_a_far_label(vectors: MilvusVectors, clustered: Floats) -> None:
    by_index = MilvusVectors(vectors.store)
    by_index._settings = replace(QUICK, compared=0)
    queries, where = clustered[20 * EACH :: 157], f"label in {[f'c{cluster}' for cluster in range(8)]}"
    exact = vectors.nearest(queries, 10, where, exact=True).numbers
    recall, until = 0.0, time.monotonic() + 30
    while recall < 0.99 and time.monotonic() < until:  # the server takes its index into memory some seconds after it was built
        found = by_index.nearest(queries, 10, where)
        assert not found.exact
        recall = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.numbers.tolist(), exact.tolist(), strict=True)]))
        time.sleep(0.2)
    assert recall >= 0.99


def test_as_many_as_there_are(vectors: MilvusVectors, clustered: Floats) -> None:
    assert vectors.nearest(clustered[0], 1000, "label == 'c9'").numbers.shape == (1, EACH)
    assert vectors.nearest(clustered[0], 20_000).numbers.shape == (1, len(clustered))  # more than the server finds at once
    beyond = MilvusVectors(vectors.store)
    beyond._settings = replace(QUICK, largest_k=50, compared=0)
    found = beyond.nearest(clustered[:2], 60, "label == 'c9'", carry=True)
    assert found.numbers.shape == (2, 60)
    assert found.exact
    np.testing.assert_array_equal(found.numbers, vectors.nearest(clustered[:2], 60, "label == 'c9'", exact=True).numbers)


def test_where_the_index_falls_short_all_are_compared(
    vectors: MilvusVectors, clustered: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_index, search = MilvusVectors(vectors.store), vectors.store.remote.search
    by_index._settings = replace(QUICK, compared=0)

    def short(*arguments: object) -> list[list[dict[str, object]]]:
        return [hits[:4] for hits in search(*arguments)]  # type: ignore[arg-type]

    monkeypatch.setattr(vectors.store.remote, "search", short)
    for where in ("label == 'c9'", "label == 'c9' and 'jpg' in uri", None):
        found = by_index.nearest(clustered[:3], 10, where)
        assert found.numbers.shape == (3, 10)
        np.testing.assert_array_equal(found.numbers, vectors.nearest(clustered[:3], 10, where, exact=True).numbers)
