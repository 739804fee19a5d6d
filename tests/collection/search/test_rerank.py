"""Every method of re-ranking, by a search and beside a slow loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources, search
from podoba.collection.search.rerank import RERANKERS, CandidatePool
from podoba.collection.search.settings import SearchSettings
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.ranking.reranking import augment_database, expand_query

WritePicture = Callable[..., Path]


@pytest.mark.parametrize("name", RERANKERS)
@pytest.mark.parametrize("where", [None, "label == 'cat'", "width > 99999"])
def test_every_way_of_re_ranking_orders_what_is_there(filled: Collection, name: str, where: str | None) -> None:
    own = filled.items()[4].id
    plain = search(filled, f"id:{own}", k=100, where=where)
    found = search(filled, f"id:{own}", k=100, where=where, rerank=name)
    assert sorted(hit.id for hit in found.hits) == sorted(hit.id for hit in plain.hits)
    kept = {hit.id: hit.similarity for hit in plain.hits}
    assert all(hit.similarity == pytest.approx(kept[hit.id], abs=1e-6) for hit in found.hits)
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))


def test_re_ranking_of_a_collection_of_one(tmp_path: Path, encoder: Encoder, picture: WritePicture) -> None:
    picture(tmp_path / "one" / "a.png", 1)
    with Collection.open(tmp_path / "one.podoba", create=True) as collection:
        index_sources(collection, [open_source(tmp_path / "one")], encoder)
        own = collection.items()[0].id
        for name in RERANKERS:
            for query in (tmp_path / "one" / "a.png", f"id:{own}"):
                assert len(search(collection, query, rerank=name, encoder=encoder, with_itself=True)) == 1
                assert len(search(collection, query, rerank=name, encoder=encoder)) == 0


def matrix_of(collection: Collection) -> np.ndarray:
    return np.stack([collection.store.descriptors.get(item.id) for item in collection.items()])


def test_candidates_carry_the_descriptors_of_the_nearest(filled: Collection) -> None:
    matrix = matrix_of(filled)
    candidates = CandidatePool(filled.index, matrix[7], 20).nearest()
    expected = np.argsort(-(matrix.astype(np.float64) @ matrix[7]), kind="stable")[:20]
    np.testing.assert_array_equal(candidates.numbers, expected + 1)
    np.testing.assert_array_equal(candidates.descriptors, matrix[expected])
    some = candidates.take(np.array([3, 1]))
    np.testing.assert_array_equal(some.descriptors, matrix[expected[[3, 1]]])
    assert (len(some), some.exact, some.probabilities) == (2, True, None)


def test_query_expansion_ranks_by_the_query_and_its_nearest(filled: Collection) -> None:
    matrix = matrix_of(filled)
    pool = CandidatePool(filled.index, matrix[7], 60, settings=SearchSettings(expanded=2))
    found = RERANKERS["query-expansion"](pool, pool.nearest())
    nearest = np.argsort(-(matrix @ matrix[7]), kind="stable")[:2]
    order = np.argsort(-(matrix @ expand_query(matrix[7], matrix[nearest])), kind="stable")
    np.testing.assert_array_equal(found.numbers, order + 1)
    np.testing.assert_allclose(found.similarities, matrix[order] @ matrix[7], atol=1e-6)


def test_database_augmentation_expands_each_candidate_by_its_own_neighbours(filled: Collection) -> None:
    matrix = matrix_of(filled)
    pool = CandidatePool(filled.index, matrix[7], 60, settings=SearchSettings(augmented=4))
    found = RERANKERS["database-augmentation"](pool, pool.nearest())
    similarities = matrix @ matrix.T
    np.fill_diagonal(similarities, -1)
    neighbours = np.argsort(-similarities, axis=1, kind="stable")[:, :4]
    scores = augment_database(matrix, neighbours, matrix) @ matrix[7]
    np.testing.assert_array_equal(found.numbers, np.argsort(-scores, kind="stable") + 1)
