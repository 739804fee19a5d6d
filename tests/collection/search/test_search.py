"""Search against a slow loop, its queries, filters and probabilities."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources, search
from podoba.errors import CollectionError, ModelError, SourceError, UnreadableImage
from podoba.images.sources.open import open_source
from podoba.models.calibration import Background
from podoba.models.encoder import Encoder

DIM = 192
WritePicture = Callable[..., Path]


@pytest.mark.parametrize("where", [None, "label == 'cat'", "label == 'cat' and width > 4000", "width > 99999"])
@pytest.mark.parametrize("k", [1, 7, 59, 60, 1000])
def test_hits_are_those_of_a_slow_loop(filled: Collection, where: str | None, k: int) -> None:
    query = np.random.default_rng(1).standard_normal(DIM)
    found = search(filled, query, k=k, where=where)
    scored = []
    for item in filled.items(where):
        descriptor = filled.store.descriptors.get(item.id).astype(np.float64)
        scored.append((float(descriptor @ query / np.linalg.norm(query)), item))
    expected = sorted(scored, key=lambda pair: -pair[0])[:k]
    assert [hit.id for hit in found.hits] == [item.id for _, item in expected]
    assert [hit.label for hit in found.hits] == [item.label for _, item in expected]
    np.testing.assert_allclose([hit.similarity for hit in found.hits], [value for value, _ in expected], atol=1e-6)
    assert [hit.rank for hit in found.hits] == list(range(1, len(expected) + 1))
    assert (found.exact, found.query) == (True, "descriptor")


def test_a_filter_that_leaves_out_the_whole_neighbourhood_still_gives_k_hits(filled: Collection) -> None:
    query = filled.store.descriptors.get(filled.items()[0].id)
    near = {hit.id for hit in search(filled, query, k=30).hits}
    far = [item for item in filled.items() if item.id not in near]
    where = f"width in [{', '.join(str(item.width) for item in far)}]"
    assert {hit.id for hit in search(filled, query, k=30, where=where).hits} == {item.id for item in far}


def test_equal_similarities_come_in_the_order_of_the_items(filled: Collection) -> None:
    items = filled.items()
    filled.put(items[:20], np.repeat(filled.store.descriptors.get(items[0].id)[None], 20, axis=0))
    found = search(filled, filled.store.descriptors.get(items[0].id), k=12)
    assert [hit.id for hit in found.hits] == [item.id for item in items[:12]]


def test_a_query_may_be_any_readable_picture(collection: Collection, photos: Path, tmp_path: Path, encoder: Encoder) -> None:
    nameless = tmp_path / "no-ending"
    nameless.write_bytes((photos / "dogs" / "4.png").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(nameless, "x/4.png")
    inside = f"{tmp_path}/a.zip!/x/4.png"
    for query in (nameless, inside):
        assert [name.uri for name in search(collection, query, encoder=encoder).itself] == [str(photos / "dogs" / "4.png")]
    for missing in (photos / "none.png", "a\nb", f"{photos}/x.zip!/a.png"):
        with pytest.raises(SourceError, match="no such image"):
            search(collection, str(missing), encoder=encoder)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"x")
    with pytest.raises(UnreadableImage, match=r"broken\.png"):
        search(collection, broken, encoder=encoder)
    os.mkfifo(tmp_path / "pipe.jpg")
    for place, what in ((photos, "a folder"), (tmp_path / "pipe.jpg", "a pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(UnreadableImage, match=f"{what}, no file that can be read"):
            search(collection, place, encoder=encoder)
    with pytest.raises(UnreadableImage, match="no longer there"):
        search(collection, f"{tmp_path}/a.zip!/y.png", encoder=encoder)


def test_the_encoder_is_found_by_the_collections_own_memory(
    collection: Collection, photos: Path, encoder: Encoder, other_encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "podoba")
    assert search(collection, photos / "cats" / "1.png", k=1, with_itself=True).hits[0].similarity == pytest.approx(1)
    with pytest.raises(CollectionError, match="is another or has changed since"):
        search(collection, photos / "cats" / "1.png", encoder=other_encoder)
    collection.store.database.execute("UPDATE facts SET value = 'unknown-name' WHERE key = 'model'")
    assert collection.store.models.open_encoder().fingerprint == encoder.fingerprint  # by its path
    assert caplog.messages == [f"no model is called unknown-name any more: taken from {encoder.path}"]
    encoder.path.write_bytes(other_encoder.path.read_bytes())
    with pytest.raises(CollectionError, match="changed since"):
        collection.store.models.open_encoder()
    encoder.path.unlink()
    with pytest.raises(ModelError, match="no such model"):
        collection.store.models.open_encoder()
    assert search(collection, f"id:{collection.items()[0].id}").hits  # which needs no encoder


def test_only_likely_hits_where_the_model_is_calibrated(
    collection: Collection, photos: Path, encoder: Encoder, tmp_path: Path, other_encoder: Encoder
) -> None:
    path = photos / "cats" / "1.png"
    found = search(collection, path, encoder=encoder)
    others = np.array([hit.similarity for hit in search(collection, path, encoder=encoder, k=1000)])
    assert len(others) == len(collection.items()) - 1  # the background has all but the query
    calibration = encoder.card.calibration
    assert calibration is not None
    background = Background(others.mean(), others.std(), np.array(len(others)))
    for hit in found.hits:
        assert hit.probability == pytest.approx(float(calibration.probability(hit.similarity, background)), abs=1e-5)
    bound = found.hits[3].probability
    likely = search(collection, path, encoder=encoder, min_probability=bound)
    assert likely.hits == found.hits[:4]
    assert search(collection, path, encoder=encoder, min_probability=1).hits == []  # nothing here is like it
    with Collection.open(tmp_path / "other.podoba", create=True) as other:
        index_sources(other, [open_source(photos)], other_encoder)
        assert {hit.probability for hit in search(other, path).hits} == {None}
        with pytest.raises(ModelError, match="never calibrated"):
            search(other, path, min_probability=0.5)


def test_a_pair_has_one_probability_whatever_is_shown(filled: Collection) -> None:
    known = [item.id for item in filled.items()]
    chances = {hit.id: hit.probability for hit in search(filled, f"id:{known[0]}", k=100)}
    assert len(chances) == 59
    for options in (
        {"k": 3}, {"where": "label == 'cat'"}, {"rerank": "k-reciprocal"}, {"diversity": 0.5}, {"min_probability": 0.001}
    ):  # fmt: skip
        shown = search(filled, f"id:{known[0]}", **options).hits
        assert shown
        assert [hit.probability for hit in shown] == [chances[hit.id] for hit in shown]
    with_itself = search(filled, f"id:{known[0]}", with_itself=True, k=2).hits
    assert with_itself[0].id == known[0]
    assert with_itself[0].probability == pytest.approx(1, abs=1e-3)
    assert with_itself[1].probability == chances[with_itself[1].id]


def test_what_cannot_be_asked_is_refused(tmp_path: Path, filled: Collection, encoder: Encoder) -> None:
    with pytest.raises(CollectionError, match="no item of id 'zzz'"):
        search(filled, "id:zzz")
    with pytest.raises(CollectionError, match="did you mean label"):
        search(filled, np.ones(DIM), where="lable == 'cat'")
    for wrong in (np.ones(5), np.zeros(DIM), np.full(DIM, np.nan), np.ones((1, DIM))):
        with pytest.raises(ValueError, match="a descriptor must be"):
            search(filled, wrong)
    with pytest.raises(ValueError, match="k must be"):
        search(filled, np.ones(DIM), k=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        search(filled, np.ones(DIM), min_probability=2)
    with Collection.open(tmp_path / "empty.podoba", create=True) as empty:
        for query in ("id:x", "x.png"):
            with pytest.raises(CollectionError, match="is empty: add images"):
                search(empty, query)
        with pytest.raises(CollectionError, match="is empty"):
            empty.store.models.open_encoder()


def test_damaged_numbers_are_an_error_and_never_an_answer(filled: Collection) -> None:
    for wrong in (np.full(DIM, np.nan), np.full(DIM, 1e30)):
        connection = sqlite3.connect(filled.path)
        connection.execute("UPDATE descriptors SET vector = ? WHERE item = 9", [wrong.astype("<f4").tobytes()])
        connection.commit()
        connection.close()
        with (
            Collection.open(filled.path, read_only=True) as reader,
            pytest.raises(CollectionError, match="a descriptor is damaged"),
        ):
            search(reader, filled.store.descriptors.get(filled.items()[0].id))


def test_the_result_has_the_promised_keys(collection: Collection) -> None:
    found = search(collection, f"id:{collection.items()[0].id}", k=2).to_json()
    assert set(found) == {"query", "hits", "itself", "exact", "seconds"}
    first = collection.items()[0]
    assert found["itself"] == [{"id": first.id, "uri": first.uri, "label": first.label}]
    assert set(found["hits"][0]) == {"rank", "id", "uri", "label", "similarity", "probability", "score"}
    assert [hit["rank"] for hit in found["hits"]] == [1, 2]


def selects(collection: Collection, **options: Any) -> list[str]:
    """The statements by which a search reads."""
    query = collection.store.descriptors.get(collection.items()[3].id)
    collection.search(query, **options)
    statements: list[str] = []
    collection.store.database.connection.set_trace_callback(statements.append)
    collection.search(query, **options)
    collection.store.database.connection.set_trace_callback(None)
    return [statement for statement in statements if statement.startswith("SELECT")]


@pytest.mark.parametrize("name", ["filled", "indexed"])
@pytest.mark.parametrize("options", [{}, {"diversity": 0.3}, {"rerank": "query-expansion"}, {"rerank": "k-reciprocal"}])
def test_a_search_reads_by_few_statements_and_no_descriptor_twice(
    name: str, options: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    collection: Collection = request.getfixturevalue(name)
    statements = selects(collection, k=50, **options)
    assert len(statements) <= 7  # one of them for the background of the probabilities
    assert len(statements) == len(selects(collection, k=5, **options))
    assert not any("descriptors" in statement for statement in statements)
    assert sum("items" in statement for statement in statements) == 1
