"""Tests of searches: hits are those of the collection, pages are frozen, and what cannot be asked is a problem."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.search.query import Part
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.bodies import SearchBody
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.queries import Queries
from podoba.serve.queries.searching import SentFile
from podoba.serve.queries.settings import QuerySettings
from podoba.serve.served import Served

pytestmark = pytest.mark.slow


def ask(queries: Queries, opened: OpenedFile, images: list[SentFile] | None = None, **body: Any) -> dict[str, Any]:
    return queries.searches.search(opened, SearchBody.model_validate(body), images or [])


def the(opened: OpenedFile, name: str) -> str:
    """Id of an item by its file's name."""
    return next(item.id for item in opened.collection.items() if item.uri.endswith(f"/{name}.jpg"))


@pytest.mark.parametrize(
    ("options", "same"),
    [
        ({}, {}),
        ({"where": "label == 'circle'", "k": 5}, {"where": "label == 'circle'", "k": 5}),
        ({"min_probability": 0.6}, {"min_probability": 0.6}),
        ({"diversity": 0.5, "rerank": "k-reciprocal"}, {"diversity": 0.5, "rerank": "k-reciprocal"}),
        ({"with_itself": True, "exact": True}, {"with_itself": True, "exact": True}),
    ],
)
@pytest.mark.parametrize("box", [None, (20.0, 20.0, 90.0, 80.0)])
def test_hits_are_those_of_the_collection(
    queries: Queries, opened: OpenedFile, shapes: Path, options: dict[str, Any], same: dict[str, Any],
    box: tuple[float, float, float, float] | None,
) -> None:  # fmt: skip
    path, other = shapes / "circle" / "circle-01.jpg", the(opened, "square-02")
    sent = queries.uploads.add(path.read_bytes(), "mine.jpg")
    asked = [{"upload": sent.sha256, "box": box}, {"item": other, "weight": 0.5}]
    found = ask(queries, opened, query=asked, **{"k": 60, **options})
    parts = [Part(str(path), None, box), Part(f"id:{other}", 0.5)]
    encoder = opened.collection.store.models.open_encoder(threads=1)
    expected = opened.collection.search(parts, encoder=encoder, **{"k": 60, **same}).to_json()
    kept = ("rank", "id", "label", "similarity", "probability", "score")
    assert [{key: hit[key] for key in kept} for hit in found["hits"]] == [
        {key: hit[key] for key in kept} for hit in expected["hits"]
    ]
    assert [one["id"] for one in found["itself"]] == [one["id"] for one in expected["itself"]]
    assert found["exact"] is expected["exact"]
    assert (found["calibrated"], found["words"], found["marks"]) == (True, False, None)
    first, second = found["query"]
    assert (first["kind"], first["name"], first["width"], first["height"], first["box"]) == ("upload", "mine.jpg", 180, 240, box)
    assert (second["kind"], second["item"], second["name"], second["weight"]) == ("item", other, "square-02.jpg", 0.5)


def test_an_upload_is_found_again_by_its_descriptor(queries: Queries, opened: OpenedFile, shapes: Path) -> None:
    sent = queries.uploads.add((shapes / "circle" / "circle-01.jpg").read_bytes())
    first = ask(queries, opened, query=[{"upload": sent.sha256}], with_itself=True)
    again = ask(queries, opened, query=[{"descriptor": first["query"][0]["descriptor"]}])
    (told,) = again["query"]
    assert (told["kind"], told["descriptor"], told["name"]) == ("descriptor", first["query"][0]["descriptor"], None)
    assert [hit["id"] for hit in again["hits"]][:20] == [hit["id"] for hit in first["hits"]][:20]


def test_pictures_of_a_form_are_kept_as_uploads(queries: Queries, opened: OpenedFile, shapes: Path) -> None:
    sent = "C:\\a.jpg", (shapes / "circle" / "circle-01.jpg").read_bytes()
    found = ask(queries, opened, [sent], query=[{"image": 0, "box": [20, 20, 90, 80]}])
    (told,) = found["query"]
    kept = queries.uploads.get(told["upload"])
    assert (kept.data, kept.name, kept.width, kept.height, kept.format) == (sent[1], "a.jpg", 180, 240, "JPEG")
    assert (told["kind"], told["name"], told["width"], told["height"]) == ("upload", "a.jpg", 180, 240)
    assert ask(queries, opened, query=[{"upload": told["upload"], "box": [20, 20, 90, 80]}])["hits"] == found["hits"]
    with pytest.raises(Problem) as raised:
        ask(queries, opened, [sent], query=[{"image": 1}])
    assert raised.value.code == "missing_image"


def test_pages_are_of_one_result(served: Served, decoders: Decoders, tmp_path: Path) -> None:
    copy = tmp_path / "copy.podoba"
    shutil.copy(served.places["shapes"], copy)
    own = Served([copy])
    queries = Queries(own.collection, decoders=decoders)
    opened = queries.opened_file("copy")
    answer = ask(queries, opened, query=[{"item": the(opened, "circle-01")}], k=30, page=12)
    whole = ask(queries, opened, query=[{"item": the(opened, "circle-01")}], k=30)["hits"]
    assert (answer["total"], len(answer["hits"]), answer["next"]) == (30, 12, "12")
    opened.collection.remove([whole[20]["id"]])
    hits, cursor = answer["hits"], answer["next"]
    while cursor is not None:
        page = queries.searches.page(opened, answer["query_id"], cursor)
        hits, cursor = hits + page["hits"], page["next"]
    assert [hit["id"] for hit in hits] == [hit["id"] for hit in whole]
    assert [hit["rank"] for hit in hits] == list(range(1, 31))
    assert hits == whole
    assert queries.searches.page(opened, answer["query_id"], "99")["hits"] == []
    own.close()


def test_results_go_when_there_are_too_many(served: Served, decoders: Decoders) -> None:
    queries = Queries(served.collection, QuerySettings(result_hits=100), decoders)
    opened = queries.opened_file("shapes")
    ids = [ask(queries, opened, query=[{"item": the(opened, "circle-01")}], page=5)["query_id"] for _ in range(4)]
    assert len(queries.searches.page(opened, ids[-1], "5")["hits"]) == 5
    for gone in (ids[0], "unknown"):
        with pytest.raises(Problem) as raised:
            queries.searches.page(opened, gone, "5")
        assert (raised.value.status, raised.value.code) == (410, "result_gone")
    for wrong in ("-1", "x", "1" * 10):
        with pytest.raises(Problem) as raised:
            queries.searches.page(opened, ids[-1], wrong)
        assert raised.value.code == "wrong_cursor"


def test_where_nothing_is_similar_the_nearest_is_told(queries: Queries, opened: OpenedFile) -> None:
    body: dict[str, Any] = {"query": [{"item": the(opened, "circle-01")}]}
    all_hits = ask(queries, opened, **body)["hits"]
    found = ask(queries, opened, **body, min_probability=0.9999)
    assert (found["hits"], found["total"], found["next"]) == ([], 0, None)
    assert found["nearest"] == {key: all_hits[0][key] for key in ("similarity", "probability")}
    nothing = ask(queries, opened, **body, where="label == 'horse'")
    assert (nothing["hits"], nothing["nearest"]) == ([], None)


def test_what_another_program_adds_and_removes_is_seen(served: Served, decoders: Decoders, shapes: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.podoba"
    shutil.copy(served.places["shapes"], copy)
    own = Served([copy])
    opened = Queries(own.collection, decoders=decoders).opened_file("copy")
    queries = Queries(own.collection, decoders=decoders)
    query = {"item": the(opened, "circle-01")}
    before = ask(queries, opened, query=[query])["hits"]
    shutil.copytree(shapes / "circle", tmp_path / "more")
    Image.open(shapes / "circle" / "circle-01.jpg").save(tmp_path / "more" / "again.png")
    with Collection.open(copy) as another:
        another.remove([before[0]["id"]])
        another.update([tmp_path / "more"])
    after = ask(queries, opened, query=[query])["hits"]
    assert after[0]["name"] == "again.png"
    assert before[0]["id"] not in {hit["id"] for hit in after}
    labels = next(facet for facet in opened.facets.of() if facet.name == "label")
    assert sum(count for _, count in labels.values) + labels.missing == 36 - 1 + 13
    own.close()


def test_a_box_in_an_item_is_a_part_of_its_picture(queries: Queries, opened: OpenedFile, shapes: Path) -> None:
    box = [20.0, 20.0, 90.0, 80.0]
    item = the(opened, "circle-01")
    sent = queries.uploads.add((shapes / "circle" / "circle-01.jpg").read_bytes())
    by_item, by_upload = (
        ask(queries, opened, query=[{**source, "box": box}]) for source in ({"item": item}, {"upload": sent.sha256})
    )
    assert by_item["hits"] == by_upload["hits"]
    assert by_item["query"][0]["descriptor"] == by_upload["query"][0]["descriptor"]
    assert by_item["itself"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": [{"text": "red"}]}, "no_words"),
        ({"query": [{"upload": "0" * 64}]}, "upload_gone"),
        ({"query": [{"descriptor": "AAAA"}]}, "wrong_descriptor"),
        ({"min_score": 2}, "no_score"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(queries: Queries, opened: OpenedFile, body: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as raised:
        ask(queries, opened, **({"query": [{"item": the(opened, "circle-01")}]} | body))
    assert raised.value.code == code
