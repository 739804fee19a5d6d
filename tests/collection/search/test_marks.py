"""Marks: what they are kept by, what they change in a search, and that they outlive items and models."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, change_model, index_sources, search
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import Part
from podoba.collection.search.search import search as search_index
from podoba.collection.search.settings import SearchSettings
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError, SourceError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.ranking.relevance_feedback import METHODS

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    for i in range(12):
        picture(tmp_path / "photos" / f"{i:02}.png", i)
    return tmp_path / "photos"


def ids(collection: Collection) -> list[str]:
    return [item.id for item in collection.items()]


def told(collection: Collection) -> list[tuple[str | None, bool]]:
    return [(mark.id, mark.right) for mark in collection.marks()]


def test_marks_are_kept_listed_replaced_and_forgotten(collection: Collection, photos: Path, encoder: Encoder) -> None:
    first, second, third, *_ = ids(collection)
    query = photos / "05.png"
    collection.mark(query, right=[first], wrong=[second], encoder=encoder)
    collection.mark(query, right=[second], encoder=encoder)
    collection.mark(f"id:{first}", wrong=[third])
    assert told(collection) == [(first, True), (second, True), (third, False)]
    mark = collection.marks()[0]
    assert (mark.query_name, mark.uri, mark.query) == (str(query), str(photos / "00.png"), collection.key_of(query))
    assert (mark.model, mark.made[:2], mark.to_json()["right"]) == (collection.store.models.name, "20", True)
    assert collection.info()["marks"] == 3
    assert collection.forget(query, [second]) == 1
    assert collection.forget(query) == 1
    assert told(collection) == [(third, False)]
    assert collection.forget() == 1
    assert (collection.marks(), collection.store.marks.queries()) == ([], [])


def test_a_query_is_told_by_its_content_wherever_it_lies(collection: Collection, photos: Path, tmp_path: Path) -> None:
    sixth = ids(collection)[5]
    shutil.copy(photos / "05.png", tmp_path / "elsewhere.png")
    key = collection.key_of(tmp_path / "elsewhere.png")
    assert key == collection.key_of(f"id:{sixth}") == collection.key_of(photos / "05.png")
    assert collection.key_of(Part(photos / "05.png", box=(0, 0, 5, 5))) not in (key, collection.key_of(photos / "06.png"))
    descriptor = collection.store.descriptors.get(sixth)
    assert collection.key_of(descriptor) == collection.key_of(2 * descriptor) != key


def test_what_cannot_be_marked_is_refused_and_nothing_is_kept(collection: Collection, photos: Path, encoder: Encoder) -> None:
    first, second, *_ = ids(collection)
    with pytest.raises(CollectionError, match="both right and wrong"):
        collection.mark(f"id:{first}", right=[second], wrong=[second])
    with pytest.raises(CollectionError, match="query itself"):
        collection.mark(f"id:{first}", right=[second, first])
    with pytest.raises(CollectionError, match="no item of id"):
        collection.mark(f"id:{first}", right=[second, "0" * 16])
    with pytest.raises(SourceError, match="no such image"):
        collection.mark(photos / "99.png", right=[second], encoder=encoder)
    with pytest.raises(ValueError, match="one query"):
        collection.mark([f"id:{first}", f"id:{second}"], right=[second])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="name it"):
        collection.forget(ids=[second])
    assert collection.marks() == []


def test_marks_outlive_moves_removals_and_another_model(
    collection: Collection, photos: Path, encoder: Encoder, other_encoder: Encoder
) -> None:
    query = photos / "05.png"
    collection.mark(query, right=[ids(collection)[1]], wrong=[ids(collection)[2]], encoder=encoder)
    (photos / "01.png").rename(photos / "moved.png")
    (photos / "02.png").write_bytes((photos / "03.png").read_bytes())  # another picture under that name
    index_sources(collection, [open_source(photos)], encoder)
    moved = next(item.id for item in collection.items() if item.uri.endswith("moved.png"))
    assert told(collection) == [(moved, True), (None, False)]
    collection.remove([moved])
    assert told(collection) == [(None, True), (None, False)]
    assert search(collection, query, encoder=encoder, feedback="rocchio").marks == 0
    index_sources(collection, [open_source(photos)], encoder)
    change_model(collection, [open_source(photos)], other_encoder)
    assert told(collection) == [(moved, True), (None, False)]
    assert search(collection, query, encoder=other_encoder, feedback="rocchio").marks == 1


def test_copies_go_with_the_collection(collection: Collection, tmp_path: Path) -> None:
    first, second, *_ = ids(collection)
    collection.mark(f"id:{first}", wrong=[second])
    collection.copy_to(tmp_path / "copy.podoba")
    with Collection.open(tmp_path / "copy.podoba", read_only=True) as copy:
        assert told(copy) == [(second, False)]
        assert search(copy, f"id:{first}", feedback="linear-probe").marks == 1


@pytest.mark.parametrize("name", METHODS)
def test_feedback_ranks_the_collection_by_the_direction_learned(filled: Collection, name: str) -> None:
    query, rng = f"id:{filled.items()[0].id}", np.random.default_rng(3)
    marks = rng.permutation(np.arange(1, 60))[:8]
    items = filled.items()
    right, wrong = [items[i].id for i in marks[:4]], [items[i].id for i in marks[4:]]
    filled.mark(query, right=right, wrong=wrong)
    found = search(filled, query, k=100, feedback=name)
    descriptors = np.stack([filled.store.descriptors.get(item.id) for item in items])
    rest = np.delete(np.arange(60), marks)
    direction = METHODS[name](descriptors[0], descriptors[np.sort(marks[:4])], descriptors[np.sort(marks[4:])], descriptors[rest])
    order = [int(i) for i in np.argsort(-(descriptors @ direction), kind="stable") if i != 0 and i not in marks[4:]]
    assert [hit.id for hit in found] == [items[i].id for i in order]
    np.testing.assert_allclose([hit.similarity for hit in found], descriptors[order] @ descriptors[0], atol=1e-5)
    assert (found.marks, found.exact, found.to_json()["marks"]) == (8, True, 8)
    cats = search(filled, query, k=100, where="label == 'cat'", feedback=name, min_probability=0.001)
    assert [hit.id for hit in cats] == [items[i].id for i in order if items[i].label == "cat"]
    assert [hit.rank for hit in search(filled, query, k=5, feedback=name, diversity=0.5, rerank="k-reciprocal")] == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_without_feedback_marks_change_nothing(filled: Collection) -> None:
    query = f"id:{filled.items()[0].id}"
    before = search(filled, query, k=20)
    assert search(filled, query, k=20, feedback="rocchio").hits == before.hits  # nothing is marked yet
    filled.mark(query, wrong=[before.hits[0].id])
    assert search(filled, query, k=20).hits == before.hits
    assert before.hits[0].id not in [hit.id for hit in search(filled, query, k=60, feedback="rocchio")]
    assert "marks" not in before.to_json()
    with pytest.raises(CollectionError, match="did you mean rocchio"):
        search(filled, query, feedback="rochio")


def test_marks_of_a_query_serve_those_near_it(filled: Collection) -> None:
    first, second, third, *_ = filled.items()
    query = filled.store.descriptors.get(first.id)
    filled.mark(query, right=[second.id], wrong=[third.id])
    beside = query + 0.02 * np.random.default_rng(5).standard_normal(len(query))
    found = search(filled, beside, k=60, feedback="rocchio")
    assert found.marks == 2
    assert third.id in [hit.id for hit in found]  # wrong for the other query, which is not this one
    far = np.random.default_rng(6).standard_normal(len(query))
    assert search(filled, far, feedback="rocchio").marks == 0
    everyone = SearchSettings(near_chance=0.0)
    assert search_index(filled.index, far, (), SearchOptions(feedback="rocchio"), settings=everyone).marks == 2


def test_items_whose_content_is_unknown_are_told_by_their_ids(
    tmp_path: Path, encoder: Encoder, item_of: Callable[[int], Item]
) -> None:
    from dataclasses import replace

    with Collection.open(tmp_path / "foreign.podoba", create=True) as collection:
        collection.claim(encoder, "tiny")
        items = [replace(item_of(i), content="") for i in range(3)]
        collection.put(items, np.eye(3, encoder.card.dim, dtype=np.float32))
        collection.mark(f"id:{items[0].id}", right=[items[1].id], wrong=[items[2].id])
        assert told(collection) == [(items[1].id, True), (items[2].id, False)]
        assert collection.forget(f"id:{items[0].id}", [items[2].id]) == 1


@pytest.mark.parametrize(
    ("table", "column"), [("marks", "verdict"), ("marks", "item"), ("queries", "descriptor"), ("queries", "name")]
)
def test_a_damaged_mark_is_never_used_and_forgotten_by_repair(collection: Collection, table: str, column: str) -> None:
    first, second, third, *_ = ids(collection)
    collection.mark(f"id:{first}", right=[second])
    collection.mark(f"id:{second}", wrong=[third])
    path = collection.path
    collection.close()
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE {table} SET {column} = CAST(X'41' || {column} AS BLOB) WHERE rowid = 1")
    connection.commit()
    connection.close()
    with Collection.open(path) as opened:
        assert any("marks are damaged" in problem for problem in opened.check())
        with pytest.raises(CollectionError, match=r"a mark is damaged.*--repair"):
            search(opened, f"id:{first}", feedback="rocchio")
        assert len(search(opened, f"id:{first}").hits) == 10
        assert any("marks were removed" in line for line in opened.repair())
        assert opened.check() == []
        assert told(opened) == [(third, False)]
