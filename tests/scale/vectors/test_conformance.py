"""A collection's file and one in a vector database answer alike: one suite over both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.arrays import Floats
from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.collection.storage.marks import QueryRecord
from podoba.collection.vectors import Vectors
from podoba.errors import CollectionError, FilterError, UnknownItem
from podoba.scale.vectors.open import create_vectors
from tests.scale.vectors.conftest import DIM, QUICK, make_item, make_model, new_name, unit

ROWS = 300
pytestmark = pytest.mark.scale
STORES = ("file", "milvus")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    made = [make_item(row) for row in range(ROWS)]
    for row in range(0, ROWS, 2):
        made[row] = replace(made[row], attributes={"price": row / 2, "city": "Київ", "mixed": row if row % 4 else str(row)})
    made[7] = make_item(7, uri="/photos/bad\udcff.jpg", source="/pho\udcfetos")
    made[8] = make_item(8, uri="/photos/и\u0306.jpg", label="и\u0306")
    made[9] = make_item(9, content=made[10].content)
    made[11] = make_item(11, content="")
    return made


@pytest.fixture(scope="module")
def descriptors() -> Floats:
    made = unit(ROWS)
    made[20:60] = made[20]  # equal ones: by number
    return made


@contextmanager
def opened(kind: str, folder: Path, address: Callable[[], str]) -> Iterator[Vectors]:
    model = make_model()
    if kind == "file":
        with Collection.open(folder / "photos.podoba", create=True) as collection:
            collection.claim(model, "tiny")
            yield collection.index
    else:
        with create_vectors(address(), model, "tiny", settings=QUICK) as vectors:
            vectors._settings = replace(QUICK, compared=ROWS // 10)  # of more the index is asked
            yield vectors


@pytest.fixture(scope="module", params=STORES)
def vectors(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, items: list[Item], descriptors: Floats
) -> Iterator[Vectors]:
    """One collection for all of these tests; those that change it come last, or put back what they take."""
    folder = tmp_path_factory.mktemp("vectors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PODOBA_DATA", str(folder / "data"))
        with opened(request.param, folder, lambda: new_name(request.getfixturevalue("milvus_server"))) as made:
            made.store.put(items, descriptors)
            yield made


def test_items(vectors: Vectors, items: list[Item]) -> None:
    store = vectors.store
    assert len(store.items) == store.items.count() == ROWS
    assert store.items.get(items[3].id) == items[3]
    assert store.items.get(items[7].id) == items[7]  # a name that is no text
    assert store.items.get(items[8].id).label == "й"
    with pytest.raises(UnknownItem, match="no item of id"):
        store.items.get("0" * 16)
    with pytest.raises(UnknownItem, match="no item of id"):
        store.items.number("nonsense")
    assert store.items.known([items[0].id, "f" * 16, "x"]) == {items[0].id: items[0]}
    numbers = store.items.numbers()
    assert len(numbers) == ROWS
    assert (np.diff(numbers) > 0).all()
    own = [store.items.number(item.id) for item in items[:3]]
    assert [name.id for name, _ in store.items.names_and_sizes_of(own[::-1])] == [item.id for item in items[2::-1]]
    assert store.items.names_and_sizes_of(own)[2] == ((items[2].id, items[2].uri, items[2].label), (200, 50))
    assert store.items.of_numbers([own[0]]) == {own[0]: items[0]}
    with pytest.raises(CollectionError):
        store.items.names_and_sizes_of([12345])
    assert store.items.attribute_names() == ["city", "mixed", "price"]
    same = sorted(store.items.number(items[row].id) for row in (9, 10))
    assert store.items.same_as(items[9].id, items[9].content).tolist() == same
    assert store.items.same_as(items[11].id, "").tolist() == [store.items.number(items[11].id)]


WHERE = [
    "label == 'cat'", "label == null", "not label == 'cat' and price > 10", "city == 'Київ' and width < 10000.5", "'012' in uri",
    "mixed == '100' or mixed == 102", "mixed < 'z'", "price in [1, 2.0, null]", "label ~= 'DOG' and height >= 50",
    "uri == '/photos/й.jpg'", "'bad' in uri", "label == 'й'", "size >= 1290", "width == height", "width > 1e30", "price == 9e99",
]  # fmt: skip


def test_filters_choose_the_same(vectors: Vectors, tmp_path: Path, items: list[Item], descriptors: Floats) -> None:
    with Collection.open(tmp_path / "beside.podoba", create=True) as beside:
        beside.claim(make_model(), "tiny")
        beside.put(items, descriptors)
        for where in WHERE:
            numbers = vectors.store.items.numbers(where)
            assert {item.id for item in vectors.store.items.of_numbers(numbers).values()} == {
                i.id for i in beside.items(where)
            }, where
            assert vectors.store.items.count(where) == len(numbers) == beside.count(where), where
    with pytest.raises(FilterError, match="did you mean price"):
        vectors.store.items.count("prise > 3")


@pytest.mark.parametrize("exact", [False, True])
def test_nearest(vectors: Vectors, items: list[Item], descriptors: Floats, exact: bool) -> None:
    queries = unit(5, seed=1)
    queries[0] = descriptors[20]
    place = {item.id: row for row, item in enumerate(items)}
    number = {n: place[item.id] for n, item in vectors.store.items.of_numbers(vectors.store.items.numbers()).items()}
    numbers_of = {row: n for n, row in number.items()}
    for where, chosen in [
        (None, range(ROWS)), ("label == 'cat'", range(0, ROWS, 3)), ("'0000' in uri", [*range(7), 9]), ("label == 'x'", []),
        ("price >= 100 and label == 'dog'", [row for row in range(200, ROWS, 2) if row % 3 == 1]),
    ]:  # fmt: skip
        for k in (1, 10, 50):
            found = vectors.nearest(queries, k, where, carry=True, exact=exact)
            rows = [row for row in chosen if where is None or row != 8]
            assert found.numbers.shape == (5, min(k, len(rows))), where
            if exact:
                assert found.exact
            if not len(rows):
                continue
            numbers = np.array([numbers_of[row] for row in rows])
            similar = (queries.astype(np.float64) @ descriptors[rows].astype(np.float64).T).astype(np.float32)
            order = [np.lexsort((numbers, -row))[:k] for row in similar]
            np.testing.assert_array_equal(found.numbers, [numbers[one] for one in order])
            np.testing.assert_allclose(found.similarities, -np.sort(-similar, axis=1)[:, :k], atol=2e-7)
            assert found.descriptors is not None
            carried = [[descriptors[number[int(n)]] for n in row] for row in found.numbers]
            np.testing.assert_array_equal(found.descriptors, carried)
    with pytest.raises(ValueError, match="k must be at least 1"):
        vectors.nearest(queries, 0)
    with pytest.raises(ValueError, match="descriptors must be"):
        vectors.nearest(queries[:, :5], 1)
    with pytest.raises(ValueError, match="unit length"):
        vectors.nearest(queries * 3, 1)


def test_descriptors_and_samples(vectors: Vectors, items: list[Item], descriptors: Floats) -> None:
    store = vectors.store
    np.testing.assert_array_equal(store.descriptors.get(items[5].id), descriptors[5])
    numbers = np.array([store.items.number(items[row].id) for row in (9, 2, 9)])
    np.testing.assert_array_equal(store.descriptors.of_numbers(numbers), descriptors[[9, 2, 9]])
    with pytest.raises(CollectionError):
        store.descriptors.of_numbers(np.array([1 << 62]))
    first = vectors.sample(40)
    assert first.shape == (40, DIM)
    np.testing.assert_array_equal(first, vectors.sample(40))
    assert vectors.sample(10 * ROWS).shape == (ROWS, DIM)
    drawn = store.descriptors.sample(50, seed=3)
    assert drawn.shape == (50, DIM)
    np.testing.assert_array_equal(drawn, store.descriptors.sample(50, seed=3))
    assert not np.array_equal(drawn, store.descriptors.sample(50, seed=4))
    assert store.descriptors.sample(10 * ROWS).shape == (ROWS, DIM)
    rest = store.descriptors.sample(10 * ROWS, without=[int(numbers[0]), int(numbers[1])])
    assert rest.shape == (ROWS - 2, DIM)
    assert not (rest == descriptors[9]).all(axis=1).any()


def test_marks(vectors: Vectors, items: list[Item], descriptors: Floats) -> None:
    store = vectors.store
    right, wrong, unknown = (store.items.number(items[row].id) for row in (9, 12, 11))
    query = QueryRecord("q" * 64, "holiday.jpg", descriptors[0], store.models.fingerprint or "")
    with store.writing():
        store.marks.put(query, {right: True, wrong: True, unknown: False})
        store.marks.put(query, {wrong: False})
    twin = store.items.number(items[10].id)  # the same bytes
    assert store.marks.verdicts([query.key]) == {right: True, twin: True, wrong: False, unknown: False}
    assert store.marks.verdicts(["other"]) == {}
    marks = store.marks.select()
    assert {(mark.item, mark.right) for mark in marks} == {
        (items[9].content, True), (items[12].content, False), (f"id:{items[11].id}", False),
    }  # fmt: skip
    assert {mark.id for mark in marks} == {
        items[min((9, 10), key=lambda r: store.items.number(items[r].id))].id,
        items[12].id,
        items[11].id,
    }
    (kept,) = store.marks.queries()
    assert (kept.key, kept.name, kept.fingerprint) == (query.key, query.name, query.fingerprint)
    np.testing.assert_array_equal(kept.descriptor, query.descriptor)
    assert store.items.remove([items[12].id]) == 1
    assert store.marks.verdicts([query.key]) == {right: True, twin: True, unknown: False}
    assert {mark.id for mark in store.marks.select() if mark.item == items[12].content} == {None}
    assert store.marks.remove(query.key, [unknown]) == 1
    assert store.marks.remove(query.key, [twin]) == 1
    assert store.marks.remove() == 1
    assert store.marks.select() == []
    store.put(items[12:13], descriptors[12:13])


def test_models(vectors: Vectors) -> None:
    models, model = vectors.store.models, make_model()
    assert (models.name, models.fingerprint, models.card, models.dim) == ("tiny", model.fingerprint, model.card, DIM)
    assert models.facts()["card"] == model.card.to_json()
    with vectors.store.snapshot():
        assert vectors.store.name


@pytest.mark.parametrize("kind", STORES)
def test_an_empty_collection(kind: str, tmp_path: Path, new_address: Callable[[], str]) -> None:
    with opened(kind, tmp_path, new_address) as vectors:
        assert len(vectors.store.items) == 0
        assert vectors.nearest(unit(2), 3).numbers.shape == (2, 0)
        assert vectors.nearest(unit(2), 3, "label == 'x'").numbers.shape == (2, 0)
        assert vectors.sample(3).shape == (0, DIM)
        assert vectors.store.descriptors.sample(3).shape == (0, DIM)
        assert vectors.store.items.attribute_names() == []
        assert vectors.store.marks.verdicts(["x"]) == {}


def test_put_replaces_and_remove_removes(vectors: Vectors, items: list[Item], descriptors: Floats) -> None:
    store = vectors.store
    changed = replace(items[0], label="bird", attributes={"new name": 1})
    store.put([changed], descriptors[1:2])
    assert len(store.items) == ROWS
    assert store.items.get(items[0].id) == changed
    np.testing.assert_array_equal(store.descriptors.get(items[0].id), descriptors[1])
    assert "new name" in store.items.attribute_names()
    assert store.items.numbers("attributes['new name'] == 1").tolist() == [store.items.number(items[0].id)]
    assert store.items.remove([items[0].id, "0" * 16]) == 1
    assert store.items.remove([items[0].id]) == 0
    cats = store.items.count("label == 'cat'")
    assert cats > 90
    assert store.items.remove(where="label == 'cat'") == cats
    assert len(store.items) == ROWS - 1 - cats
    assert vectors.nearest(descriptors[3], 5, "label == 'cat'").numbers.shape == (1, 0)
    with pytest.raises(ValueError, match="unit length"):
        store.put([items[0]], 2 * descriptors[:1])
    with pytest.raises(ValueError, match="descriptors must be"):
        store.put(items[:2], descriptors[:1])
