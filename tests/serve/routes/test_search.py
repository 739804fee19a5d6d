"""Searching by the API: hits are those of the command line, and what goes wrong is a problem that names no place."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from podoba.serve.queries.bodies import PageAnswer, SearchAnswer, UploadAnswer

pytestmark = pytest.mark.slow
SEARCH = "/collections/shapes/search"
NAMED = ("rank", "id", "label", "score")


def test_hits_are_those_of_the_command_line(podoba: Any, client: httpx.Client, shapes: Path, shapes_collection: Path) -> None:
    path, other = shapes / "triangle" / "triangle-04.jpg", client.get("/collections/shapes/items?k=1").json()["items"][0]["id"]
    told = podoba(
        "search", shapes_collection, f"{path}@2", f"id:{other}", "--box", "10,20,100,110", "-k", "20",
        "--where", "label != 'square'", "--min-probability", "0.1", "--json",
    )  # fmt: skip
    expected = json.loads(told.stdout)
    body = {
        "query": [{"image": 0, "weight": 2, "box": [10, 20, 100, 110]}, {"item": other}],
        "k": 20, "where": "label != 'square'", "min_probability": 0.1,
    }  # fmt: skip
    answer = client.post(SEARCH, data={"query": json.dumps(body)}, files={"image_0": ("a.jpg", path.read_bytes())})
    assert answer.status_code == 200
    found = SearchAnswer.model_validate(answer.json())
    assert len(found.hits) > 5
    for hit, same in zip(answer.json()["hits"], expected["hits"], strict=True):
        assert hit["similarity"] == pytest.approx(same["similarity"], abs=2e-6)
        assert hit["probability"] == pytest.approx(same["probability"], abs=1e-5)
        assert {key: hit[key] for key in NAMED} == {key: same[key] for key in NAMED}
    assert [one.id for one in found.itself] == [one["id"] for one in expected["itself"]]


def test_an_upload_is_searched_by_and_paged(client: httpx.Client, shapes: Path) -> None:
    data = (shapes / "circle" / "circle-03.jpg").read_bytes()
    sent = client.post("/uploads", params={"name": "a b.jpg"}, content=data, headers={"Content-Type": "image/jpeg"})
    upload = UploadAnswer.model_validate(sent.json())
    assert (upload.name, upload.format) == ("a b.jpg", "JPEG")
    preview = client.get(f"/uploads/{upload.upload}/preview", params={"side": 384})
    assert preview.headers["content-type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(preview.content)).size) <= 384
    answer = client.post(SEARCH, json={"query": [{"upload": upload.upload}], "k": 30, "page": 12}).json()
    hits, cursor = answer["hits"], answer["next"]
    while cursor is not None:
        page = client.get(f"/collections/shapes/results/{answer['query_id']}", params={"cursor": cursor}).json()
        assert PageAnswer.model_validate(page)
        hits, cursor = hits + page["hits"], page["next"]
    assert [hit["rank"] for hit in hits] == list(range(1, 31))
    for kind, beginning in (("csv", "rank,id,uri"), ("json", "{"), ("html", "<!doctype html>")):
        file = client.get(f"/collections/shapes/results/{answer['query_id']}/export", params={"format": kind})
        assert file.text.startswith(beginning)
        assert file.headers["content-disposition"] == f'attachment; filename="shapes-results.{kind}"'


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": []}, 422, "invalid"),
        ({"query": [{"item": "none"}]}, 404, "unknown_item"),
        ({"query": [{"upload": "0" * 64}]}, 410, "upload_gone"),
        ({"query": [{"text": "red"}]}, 422, "no_words"),
        ({"query": [{"image": 0}]}, 422, "missing_image"),
        ({"query": [{"item": "FIRST"}], "where": "widht > 3"}, 422, "wrong_filter"),
        ({"query": [{"item": "FIRST"}], "not": [{"item": "FIRST", "weight": 1}]}, 422, "contradictory_query"),
        ({"query": [{"item": "FIRST", "box": [9999, 9999, 1, 1]}]}, 422, "wrong_box"),
    ],
)
def test_what_goes_wrong_is_a_problem(client: httpx.Client, shapes: Path, body: dict[str, Any], status: int, code: str) -> None:
    first = client.get("/collections/shapes/items?k=1").json()["items"][0]["id"]
    answer = client.post(SEARCH, json=json.loads(json.dumps(body).replace("FIRST", first)))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(shapes.parent) not in answer.text
    assert "podoba " not in answer.text
    assert answer.json().get("place") == (0 if code == "wrong_filter" else None)


def test_no_picture_and_no_form_are_problems(client: httpx.Client) -> None:
    form = {"image_0": ("a.jpg", b"no picture")}
    body = json.dumps({"query": [{"image": 0}]})
    for answer, code in (
        (client.post("/uploads", content=b"no picture"), "unreadable_image"),
        (client.post("/uploads"), "unreadable_image"),
        (client.post(SEARCH, data={"query": body}, files=form), "unreadable_image"),
        (client.post(SEARCH, files=form), "invalid"),
        (client.post(SEARCH, content=b"{"), "invalid"),
        (client.get(f"/uploads/{'0' * 64}/preview"), "upload_gone"),
        (client.get("/collections/shapes/results/none"), "result_gone"),
        (client.get("/collections/none/results/none"), "unknown_collection"),
    ):
        assert answer.json()["code"] == code


def test_a_bomb_is_refused_and_the_next_search_works(client: httpx.Client) -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    answer = client.post("/uploads", content=file.getvalue(), headers={"Content-Type": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (422, "picture_too_large")
    first = client.get("/collections/shapes/items?k=1").json()["items"][0]["id"]
    assert client.post(SEARCH, json={"query": [{"item": first}]}).status_code == 200


def test_words_of_a_collection_follow_pictures_of_another_with_an_equal_model(
    serve: Callable[..., Any], shapes: Path, shapes_collection: Path, scenes_collection: Path
) -> None:
    """One encoder serves both, and was opened where no text tower is."""
    picture = next(shapes.rglob("*.jpg")).read_bytes()
    with serve([shapes_collection, scenes_collection]) as site, site.client() as client:
        body = {"query": json.dumps({"query": [{"image": 0}]})}
        first = client.post("/collections/shapes/search", data=body, files={"image_0": ("a.jpg", picture)})
        assert first.status_code == 200, first.text
        answer = client.post("/collections/scenes/search", json={"query": [{"text": "sea"}]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["hits"][0]["label"].startswith("sea")


def test_the_description_has_bodies_and_answers(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    search = described["paths"]["/api/v1" + SEARCH.replace("shapes", "{name}")]["post"]
    assert set(search["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    answer = search["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(described["components"]["schemas"][answer]["properties"]) >= {"query_id", "hits", "not", "nearest"}
    assert {*NAMED, "similarity", "probability"} <= set(described["components"]["schemas"]["HitAnswer"]["properties"])
