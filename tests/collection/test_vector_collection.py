"""A collection that is no file answers as its file does: one in memory stands for a vector database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.search.query import Part
from podoba.collection.search.rerank import RERANKERS
from podoba.collection.storage.items import Item
from podoba.collection.vector_collection import VectorCollection
from podoba.errors import CollectionAway, CollectionError, UnknownItem
from podoba.models.encoder import Encoder
from podoba.ranking.relevance_feedback import METHODS
from tests.collection.memory_vectors import MemoryVectors, copied

ADDRESS = "memory://here/filled"
ItemOf = Callable[[int], Item]
ASKED: list[dict[str, Any]] = [
    {"k": 7},
    {"k": 100},
    {"where": "label == 'cat' and width > 800"},
    {"where": "label == 'bird'"},
    {"min_probability": 0.3},
    {"diversity": 0.5},
    {"with_itself": True},
    *({"rerank": name} for name in RERANKERS),
]


@pytest.fixture
def there(filled: Collection, tmp_path: Path) -> VectorCollection:
    """The items of `filled`, in no file."""
    return VectorCollection(copied(filled, ADDRESS), tmp_path / "cache")


@pytest.mark.parametrize("options", ASKED, ids=str)
def test_a_search_finds_what_it_finds_in_the_file(
    filled: Collection, there: VectorCollection, item_of: ItemOf, options: dict[str, Any]
) -> None:
    for query in (f"id:{item_of(3).id}", [Part(f"id:{item_of(4).id}"), Part(f"id:{item_of(8).id}", 0.4)]):
        here, other = (one.search(query, unwanted=[f"id:{item_of(9).id}"], **options) for one in (filled, there))
        assert [hit.id for hit in other] == [hit.id for hit in here]
        np.testing.assert_allclose([hit.similarity for hit in other], [hit.similarity for hit in here], atol=2e-6)
        chances = [[hit.probability for hit in found] for found in (other, here)]
        np.testing.assert_allclose(np.array(chances[0], float), np.array(chances[1], float), atol=1e-3)
        assert (other.itself, other.sizes, other.query) == (here.itself, here.sizes, here.query)


@pytest.mark.parametrize("method", METHODS)
def test_marks_are_learned_from_as_in_the_file(filled: Collection, there: VectorCollection, item_of: ItemOf, method: str) -> None:
    query = f"id:{item_of(3).id}"
    for one in (filled, there):
        one.mark(query, right=[item_of(10).id, item_of(11).id], wrong=[item_of(12).id])
        assert [(mark.id, mark.right) for mark in one.marks()] == [(item_of(i).id, i < 12) for i in (10, 11, 12)]
        assert {mark.query for mark in one.marks()} == {one.key_of(query)}
    here, other = (one.search(query, feedback=method) for one in (filled, there))
    assert [hit.id for hit in other] == [hit.id for hit in here]
    assert other.marks == here.marks == 3
    assert item_of(12).id not in {hit.id for hit in other}
    for one in (filled, there):
        assert one.forget(query, [item_of(10).id]) == 1
        assert one.forget() == 2
        assert one.marks() == []


def test_a_picture_and_a_part_of_it_are_encoded_by_the_collections_model(
    filled: Collection, there: VectorCollection, encoder: Encoder, picture: Callable[..., Path], tmp_path: Path
) -> None:
    path = picture(tmp_path / "asked.png", 3)
    for part in (Part(path), Part(path, None, (2, 2, 10, 8))):
        here, other = (one.search(part, encoder=encoder, k=60) for one in (filled, there))
        assert [hit.id for hit in other] == [hit.id for hit in here]


def test_items_come_and_go(there: VectorCollection, item_of: ItemOf) -> None:
    assert (len(there), there.count("label == 'cat'"), there.name) == (60, 15, ADDRESS)
    assert there.item(item_of(5).id) == item_of(5)
    assert there.remove([item_of(5).id], "label == 'cat'") == 16
    with pytest.raises(UnknownItem):
        there.item(item_of(5).id)
    there.put([item_of(5)], np.eye(1, 192, dtype=np.float32))
    assert there.item(item_of(5).id) == item_of(5)


def test_what_it_holds_is_told(filled: Collection, there: VectorCollection) -> None:
    facts, of_file = there.info(), filled.info()
    assert facts["collection"] == ADDRESS
    assert all(facts[name] == of_file[name] for name in facts if name != "collection")
    assert there.card == filled.card


def test_it_is_closed_at_the_end(filled: Collection, tmp_path: Path) -> None:
    vectors = copied(filled, ADDRESS)
    with VectorCollection(vectors, tmp_path):
        assert not vectors.store.closed
    assert vectors.store.closed


def test_an_empty_one_says_how_it_is_filled(filled: Collection, there: VectorCollection) -> None:
    there.remove(where="width >= 0")
    with pytest.raises(CollectionError, match="podoba vectors load memory://here/filled FOLDER"):
        there.search("id:0")


def test_while_it_is_away_nothing_is_answered_and_then_everything(there: VectorCollection, item_of: ItemOf) -> None:
    assert isinstance(there.index, MemoryVectors)
    there.index.store.away = True
    with pytest.raises(CollectionAway, match="memory://here/filled"):
        there.search(f"id:{item_of(3).id}")
    there.index.store.away = False
    assert len(there.search(f"id:{item_of(3).id}")) == 10


def test_the_first_items_of_a_filter_are_few(filled: Collection, there: VectorCollection) -> None:
    for one in (filled, there):
        assert [item.label for item in one.store.items.first(4, "label == 'dog'")] == ["dog"] * 4
        assert one.store.items.first(4) == one.store.items.first(6)[:4]
        assert len(one.store.items.first(100)) == 60
