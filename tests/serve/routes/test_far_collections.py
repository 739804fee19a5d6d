"""A collection in no file by the API: it is searched and marked as any, and what needs a file says so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

FILES = ["search", "mark", "browse", "map", "duplicates", "compare", "index"]
NEED_A_FILE = [
    ("GET", "/collections/far/layout", None),
    ("GET", "/collections/far/facets", None),
    ("GET", "/collections/far/items?sort=name", None),
    ("GET", "/collections/far/items?numbers=1", None),
    ("GET", "/collections/far/numbers/1/thumbnail", None),
    ("GET", "/collections/far/map", None),
    ("GET", "/collections/far/map/state", None),
    ("GET", "/collections/far/duplicates", None),
    ("GET", "/collections/far/duplicates/groups", None),
    ("POST", "/collections/far/duplicates/find", {}),
    ("POST", "/jobs", {"kind": "index", "collection": "far"}),
    ("POST", "/jobs", {"kind": "map", "collection": "far"}),
    ("POST", "/comparison", {"a": "far", "b": "shapes", "query": [{"text": "sea"}]}),
    ("GET", "/comparison/confusion?a=shapes&b=far", None),
]


@pytest.fixture
def api(far: Any) -> Any:
    with far.site.client() as client:
        yield client


def post(api: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    answer = api.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_can_be_done_with_it_is_listed(api: httpx.Client) -> None:
    far, shapes = api.get("/collections").json()["collections"]
    assert (far["name"], far["state"], far["items"], far["labels"]) == ("far", "ready", 36, True)
    assert far["attributes"] == ["modified", "place", "rating", "season", "year"]
    assert far["model"]["words"]
    assert (far["capabilities"], shapes["capabilities"]) == (["search", "mark"], FILES)
    one = api.get("/collections/far").json()
    assert {key: one[key] for key in far} == far
    assert (one["path"], one["index"], one["sources"]) == (None, None, [])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"k": 5, "min_probability": 0.5},
        {"where": "season == 'spring' and year > 2018", "diversity": 0.4},
        {"rerank": "k-reciprocal"},
        {"rerank": "database-augmentation", "with_itself": True},
    ],
    ids=str,
)
def test_a_search_answers_as_that_of_the_file(far: Any, gallery: Any, api: httpx.Client, body: dict[str, Any]) -> None:
    first, second = (item["id"] for item in api.get("/collections/far/items?k=2").json()["items"])
    asked = {"query": [{"item": first}], "not": [{"item": second, "box": [0, 0, 60, 60]}], **body}
    there = post(api, "/collections/far/search", asked)
    with gallery.client() as client:
        here = post(client, "/collections/scenes/search", asked)
    assert [hit["id"] for hit in there["hits"]] == [hit["id"] for hit in here["hits"]]
    assert [hit["probability"] for hit in there["hits"]] == pytest.approx([hit["probability"] for hit in here["hits"]], abs=1e-3)
    assert there["total"] == here["total"]


def test_words_sent_pictures_pages_and_exports_are_answered(far: Any, api: httpx.Client) -> None:
    found = post(api, "/collections/far/search", {"query": [{"text": "sea"}], "k": 10, "page": 4, "min_score": -5})
    assert {hit["label"] for hit in found["hits"]} == {"sea"}
    assert all(hit["score"] > 0 for hit in found["hits"])
    rest = api.get(f"/collections/far/results/{found['query_id']}?cursor={found['next']}").json()
    assert [hit["rank"] for hit in rest["hits"]] == [5, 6, 7, 8]
    for kind in ("csv", "json", "html"):
        file = api.get(f"/collections/far/results/{found['query_id']}/export?format={kind}")
        assert (file.status_code, b"sea" in file.content) == (200, True)
    path = Path(far.vectors.store.items.get(found["hits"][0]["id"]).uri)
    sent = api.post(
        "/uploads?name=sent.jpg", content=path.read_bytes(), headers={"Content-Type": "application/octet-stream"}
    ).json()
    again = post(api, "/collections/far/search", {"query": [{"upload": sent["upload"]}], "k": 3})
    assert again["itself"][0]["id"] == found["hits"][0]["id"]


def test_items_and_their_pictures_are_there(far: Any, api: httpx.Client, tmp_path: Path) -> None:
    page = api.get("/collections/far/items?k=5&offset=5&where=season == 'spring'").json()
    assert (len(page["items"]), page["total"]) == (5, 12)
    item = page["items"][0]
    assert "number" not in item
    assert api.get(f"/collections/far/items/{item['id']}").json()["attributes"]["season"] == "spring"
    for kind in ("thumbnail", "original", "preview"):
        picture = api.get(f"/collections/far/items/{item['id']}/{kind}")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert [*(tmp_path / "cache" / "thumbnails").rglob("thumbnails.sqlite")]  # and none beside the pictures
    assert api.get("/collections/far/items?offset=990&k=60").json()["code"] == "too_far"
    assert api.get("/collections/far/items?where=colour > 1").json()["code"] == "wrong_filter"
    assert api.get("/collections/far/items/none").json()["code"] == "unknown_item"


def test_marks_are_kept_learned_from_and_forgotten(api: httpx.Client) -> None:
    query = {"item": api.get("/collections/far/items").json()["items"][0]["id"]}
    before = post(api, "/collections/far/search", {"query": [query]})["hits"]
    right, wrong = before[0]["id"], before[1]["id"]
    body = {"query": query, "right": [right], "wrong": [wrong], "search": {"query": [query], "feedback": "linear-probe"}}
    answer = post(api, "/collections/far/marks", body)
    assert {(mark["id"], mark["right"]) for mark in answer["marks"]} == {(right, True), (wrong, False)}
    assert answer["result"]["marks"] == 2
    assert wrong not in {hit["id"] for hit in answer["result"]["hits"]}
    assert len(api.get("/collections/far/marks").json()["marks"]) == 2
    assert post(api, "/collections/far/marks", {"query": query, "clear": [right, wrong]})["marks"] == []


@pytest.mark.parametrize(("method", "path", "body"), NEED_A_FILE, ids=str)
def test_what_needs_a_file_says_so(api: httpx.Client, method: str, path: str, body: Any) -> None:
    answer = api.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "needs_a_file")
    assert "memory://" not in answer.text


def test_its_model_is_among_the_models(api: httpx.Client) -> None:
    assert any("far" in model["collections"] for model in api.get("/models").json()["models"])


def test_while_its_database_is_away_the_rest_goes_on_and_then_all(
    far: Any, api: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    search = {"query": [{"item": api.get("/collections/far/items").json()["items"][0]["id"]}]}
    far.vectors.store.away = True
    with caplog.at_level(logging.WARNING, "podoba"):
        assert [one["state"] for one in api.get("/collections").json()["collections"]] == ["away", "ready"]
    assert "memory://here/far: it does not answer" in caplog.text
    assert api.get("/collections/far").json()["state"] == "away"
    assert api.get("/ready").json()["code"] == "not_ready"
    answer = api.post("/collections/far/search", json=search)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "away", "1")
    assert "memory://" not in answer.text
    assert api.get("/collections/shapes/items").status_code == 200
    assert not any("far" in model["collections"] for model in api.get("/models").json()["models"])
    far.vectors.store.away = False
    assert len(post(api, "/collections/far/search", search)["hits"]) == 35
    assert api.get("/ready").status_code == 200
