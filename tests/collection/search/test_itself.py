"""An image of the collection is no result of its own search, and is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources, search
from podoba.collection.search.query import Part, Query
from podoba.collection.storage.items import ItemName
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


def test_an_image_of_the_collection_is_a_result_only_where_that_is_asked(
    collection: Collection, photos: Path, encoder: Encoder, tmp_path: Path, picture: WritePicture
) -> None:
    path = photos / "cats" / "3.png"
    elsewhere = tmp_path / "a copy of its bytes.png"
    elsewhere.write_bytes(path.read_bytes())
    found = search(collection, path, encoder=encoder, k=3, with_itself=True)
    own = found.hits[0]
    assert (own.uri, own.similarity, len(found.hits), found.query) == (str(path), 1.0, 3, str(path))
    queries: list[Query | Sequence[Query | Part]] = [
        path,
        str(path),
        elsewhere,
        f"id:{own.id}",
        [path, Part(f"id:{own.id}", 0.5)],
    ]
    for query in queries:
        with_itself = search(collection, query, encoder=encoder, k=3, with_itself=True)
        without = search(collection, query, encoder=encoder, k=3)
        assert with_itself.itself == without.itself == [ItemName(own.id, str(path), "cats")]
        assert [hit.id for hit in without.hits[:2]] == [hit.id for hit in with_itself.hits[1:]]
        assert (len(without.hits), [hit.rank for hit in without.hits]) == (3, [1, 2, 3])
        assert len(search(collection, query, encoder=encoder, k=50).hits) == 9
        assert len(search(collection, query, encoder=encoder, k=50, with_itself=True).hits) == 10
    assert "<br>itself<" in with_itself.to_page()
    assert "<br>itself<" not in without.to_page()
    part = search(collection, Part(str(path), None, (1, 1, 5, 5)), encoder=encoder, k=50)
    assert (len(part.hits), part.itself) == (10, [])  # a part of it may well be found in it
    stranger = search(collection, picture(tmp_path / "stranger.png", 99), encoder=encoder, k=50)
    assert (len(stranger.hits), stranger.itself) == (10, [])
    assert search(collection, collection.store.descriptors.get(own.id), k=1).hits[0].id == own.id


def test_all_items_of_the_same_bytes_are_the_query_itself_but_unknown_bytes_equal_nothing(
    collection: Collection, photos: Path, encoder: Encoder
) -> None:
    path = photos / "cats" / "3.png"
    (photos / "dogs" / "again.png").write_bytes(path.read_bytes())
    index_sources(collection, [open_source(photos)], encoder)
    both = {str(path), str(photos / "dogs" / "again.png")}
    found = search(collection, path, encoder=encoder, k=50)
    assert ({name.uri for name in found.itself}, len(found.hits)) == (both, 9)
    assert not both & {hit.uri for hit in found.hits}
    unwanted = search(collection, photos / "dogs" / "4.png", unwanted=path, encoder=encoder, k=50)
    assert (len(unwanted.itself), len(unwanted.hits)) == (3, 8)
    items = collection.items()
    collection.put([replace(item, content="") for item in items], collection.vectors().matrix)
    unknown = search(collection, f"id:{items[0].id}", k=50)
    assert ([name.id for name in unknown.itself], len(unknown.hits)) == ([items[0].id], 10)


def test_the_query_itself_cannot_be_marked_and_marks_work_beside_it(
    collection: Collection, photos: Path, encoder: Encoder
) -> None:
    path = photos / "cats" / "3.png"
    own = search(collection, path, encoder=encoder).itself[0].id
    for query in (path, f"id:{own}"):
        with pytest.raises(CollectionError, match="is the query itself, which is no answer to it"):
            collection.mark(query, right=[own], encoder=encoder)
    second, third = (hit.id for hit in search(collection, path, encoder=encoder, k=2).hits)
    collection.mark(path, right=[third], wrong=[second], encoder=encoder)
    for with_itself in (False, True):
        found = search(collection, path, encoder=encoder, k=50, feedback="rocchio", with_itself=with_itself)
        ids = [hit.id for hit in found.hits]
        assert (second in ids, own in ids, len(ids)) == (False, with_itself, 8 + with_itself)


def test_similarities_stay_in_their_range(filled: Collection) -> None:
    rng = np.random.default_rng(0)
    for item in filled.items()[:20]:
        descriptor = filled.store.descriptors.get(item.id)
        for query in (descriptor * rng.uniform(0.1, 9), f"id:{item.id}"):
            hits = search(filled, query, k=60, with_itself=True).hits
            assert hits[0].similarity == 1.0
            assert all(-1 <= hit.similarity <= 1 and hit.similarity == round(hit.similarity, 6) for hit in hits)
