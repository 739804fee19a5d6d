from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.serve.library.bodies import ComparisonBody
from podoba.serve.library.comparison import agreement, compare, overlap
from podoba.serve.library.settings import LibrarySettings
from podoba.serve.problems import Problem
from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served


def body(*query: dict[str, Any], **more: Any) -> ComparisonBody:
    return ComparisonBody.model_validate({"a": "shapes", "b": "shapes-photo", "query": list(query), "k": 8} | more)


def item(queries: Queries, name: str, collection: str = "shapes") -> str:
    return next(one.id for one in queries.opened_file(collection).collection.items() if one.uri.endswith(name))


def test_overlap_and_agreement() -> None:
    assert overlap("abcd", "dcba") == 1.0
    assert overlap("abcd", "abxy") == 0.5
    assert overlap("ab", "abcd") == 1.0
    assert overlap("", "ab") is None
    assert agreement("abc", "abc") == 1.0
    assert agreement("abc", "xyz") == 0.0
    assert agreement("ab", "ba") == pytest.approx((0 + 1) / 2)
    assert agreement("axy", "abc") == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert agreement("", "") is None


def test_agreement_equals_a_slow_loop() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = (rng.permutation(12)[:8].astype(str).tolist() for _ in range(2))
        slow = [len({x for x in a[:d] if x in b[:d]}) / d for d in range(1, 9)]
        assert agreement(a, b) == pytest.approx(sum(slow) / 8)


def test_both_answers_are_those_of_the_collections(queries: Queries) -> None:
    query = item(queries, "circle-00.jpg")
    found = compare(queries, body({"item": query}), show_paths=False)
    for side, name in (("a", "shapes"), ("b", "shapes-photo")):
        alone = queries.opened_file(name).collection.search(f"id:{query}", k=8)
        assert [hit["id"] for hit in found[side]["hits"]] == [hit.id for hit in alone.hits]
        assert [hit["similarity"] for hit in found[side]["hits"]] == [hit.similarity for hit in alone.hits]
    assert (found["a"]["model"], found["b"]["model"]) == ("small", "photo")


def test_the_same_pictures_are_joined_and_say_where_the_other_has_them(queries: Queries) -> None:
    found = compare(queries, body({"item": item(queries, "circle-00.jpg")}), show_paths=False)
    ranks = [{hit["picture"]: hit["rank"] for hit in found[side]["hits"]} for side in ("a", "b")]
    assert found["overlap"] == len(ranks[0].keys() & ranks[1].keys()) / 8
    for side, other in (("a", 1), ("b", 0)):
        for hit in found[side]["hits"]:
            if hit["picture"] in ranks[other]:
                assert hit["other"] == ranks[other][hit["picture"]]
            elif hit["other"] is not None:
                assert hit["other"] > 8
    assert any(hit["other"] is not None and hit["other"] > 8 for hit in found["b"]["hits"])


def test_a_picture_that_only_one_collection_has_is_not_shared(queries: Queries) -> None:
    lacking = {"circle-10.jpg", "circle-11.jpg"}
    found = compare(queries, body({"item": item(queries, "circle-00.jpg")}, k=36), show_paths=False)
    alone = {hit["name"] for hit in found["a"]["hits"] if not hit["shared"]}
    assert alone == lacking
    assert all(hit["shared"] for hit in found["b"]["hits"])
    assert all(hit["other"] is None for hit in found["a"]["hits"] if hit["name"] in lacking)


def test_a_picture_further_down_than_was_looked_for_is_shared_but_has_no_rank(queries: Queries) -> None:
    shallow = LibrarySettings(depth=8)
    found = compare(queries, body({"item": item(queries, "circle-00.jpg")}), show_paths=False, settings=shallow)
    assert found["depth"] == 8
    assert any(hit["other"] is None and hit["shared"] for hit in found["b"]["hits"])


def test_precision_is_of_the_labels_of_an_item(queries: Queries) -> None:
    found = compare(queries, body({"item": item(queries, "circle-00.jpg")}), show_paths=False)
    assert found["label"] == "circle"
    for side in ("a", "b"):
        assert found[side]["precision"] == sum(hit["label"] == "circle" for hit in found[side]["hits"]) / 8
    query = item(queries, "circle-00.jpg")
    two = compare(queries, body({"item": query}, {"item": item(queries, "square-00.jpg")}), show_paths=False)
    assert (two["label"], two["a"]["precision"]) == (None, None)


def test_an_upload_is_described_by_each_model(queries: Queries, shapes: Path) -> None:
    upload = queries.uploads.add((shapes / "circle" / "circle-00.jpg").read_bytes(), "mine.jpg")
    found = compare(queries, body({"upload": upload.sha256}), show_paths=False)
    as_item = compare(queries, body({"item": item(queries, "circle-00.jpg")}), show_paths=False)
    for side in ("a", "b"):
        assert [hit["id"] for hit in found[side]["hits"]][:5] == [hit["id"] for hit in as_item[side]["hits"]][:5]
    assert found["query"][0] | {"weight": None} == {
        "kind": "upload", "upload": upload.sha256, "name": "mine.jpg", "width": 240, "height": 180, "weight": None, "box": None,
        "descriptor": None, "collection": None,
    }  # fmt: skip


def test_an_item_of_one_collection_alone_is_described_from_its_file(queries: Queries) -> None:
    query = item(queries, "circle-11.jpg")
    found = compare(queries, body({"item": query}), show_paths=False)
    assert found["query"][0]["collection"] == "shapes"
    assert (found["query"][0]["kind"], found["query"][0]["item"]) == ("item", query)
    assert len(found["b"]["hits"]) == 8
    turned = compare(queries, body({"item": query}, a="shapes-photo", b="shapes"), show_paths=False)
    assert turned["query"][0]["collection"] == "shapes"
    assert [hit["id"] for hit in turned["a"]["hits"]] == [hit["id"] for hit in found["b"]["hits"]]


def test_an_item_is_found_by_its_bytes_where_it_has_another_id(shapes: Path, shapes_collection: Path, tmp_path: Path) -> None:
    shutil.copytree(shapes, tmp_path / "copied")
    with Collection.open(tmp_path / "copied.podoba", create=True) as opened:
        opened.update([tmp_path / "copied"], "photo")
    served = Served([shapes_collection, tmp_path / "copied.podoba"])
    query = item(served.queries, "circle-00.jpg")
    assert query != item(served.queries, "circle-00.jpg", "copied")
    found = compare(served.queries, body({"item": query}, b="copied"), show_paths=False)
    served.close()
    assert all(hit["name"] != "circle-00.jpg" for hit in found["b"]["hits"])  # the picture itself is no answer
    assert found["overlap"] > 0


def test_what_is_unwanted_is_unwanted_in_both(queries: Queries) -> None:
    plain = compare(queries, body({"item": item(queries, "circle-00.jpg")}), show_paths=False)
    query = {"item": item(queries, "circle-00.jpg")}
    less = compare(queries, body(query, **{"not": [{"item": item(queries, "square-00.jpg"), "weight": 0.5}]}), show_paths=False)
    assert less["not"][0]["name"] == "square-00.jpg"
    assert [hit["similarity"] for hit in less["a"]["hits"]] != [hit["similarity"] for hit in plain["a"]["hits"]]
    assert [hit["similarity"] for hit in less["b"]["hits"]] != [hit["similarity"] for hit in plain["b"]["hits"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"b": "shapes"}, "same_collection"),
        ({"b": "none"}, "unknown_collection"),
        ({"query": [{"descriptor": "AAAA"}]}, "of_one_model"),
        ({"query": [{"image": 0}]}, "of_one_model"),
        ({"query": [{"item": "none"}]}, "unknown_item"),
        ({"query": [{"upload": "0" * 64}]}, "upload_gone"),
        ({"query": [{"text": "a circle"}]}, "no_words"),
    ],
)
def test_what_cannot_be_compared(queries: Queries, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        compare(queries, body({"item": item(queries, "circle-00.jpg")}, **changes), show_paths=False)
    assert refused.value.code == code


def test_places_are_told_only_where_they_are_shown(queries: Queries) -> None:
    query = body({"item": item(queries, "circle-00.jpg")})
    assert {hit["uri"] for hit in compare(queries, query, show_paths=False)["a"]["hits"]} == {None}
    assert all(hit["uri"].startswith("/") for hit in compare(queries, query, show_paths=True)["a"]["hits"])
