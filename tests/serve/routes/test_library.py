"""Models, two of them side by side, and studies, over the API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from invented_study import finish, write_study
from podoba.study.folder import StudyFolder

REPORT = "<!doctype html><title>report</title><script>document.title = 'run'</script>"


@pytest.fixture(scope="module")
def library(
    serve: Any, shapes_collection: Path, scenes_collection: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a server of two collections and three studies."""
    folder = tmp_path_factory.mktemp("studies")
    done = write_study(folder / "done", report=REPORT)
    begun = write_study(folder / "begun", begun={(0, 0): 2}, title="Begun")
    (folder / "broken").mkdir()
    (folder / "broken" / "plan.yaml").write_text("[", encoding="utf-8")
    with serve([shapes_collection, scenes_collection], [done, begun, folder / "broken"]) as site, site.client() as client:
        yield client


def test_models_are_listed_with_the_collections_that_use_them(library: httpx.Client) -> None:
    models = {model["name"]: model for model in library.get("/models").json()["models"]}
    assert models["small"]["collections"] == ["shapes", "scenes"]  # one of them by a copy of it, beside which is a text tower
    assert (models["small"]["words"], models["photo"]["words"]) == (True, False)
    assert models["photo"]["collections"] == []
    assert library.get("/models/small").json() == models["small"]
    assert "/" not in "".join(str(model["path"] or "") for model in models.values())


def test_an_unknown_model_is_a_problem(library: httpx.Client) -> None:
    for answer in (library.get("/models/hf:owner/none"), library.post("/models/speed", json={"model": "none"})):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


def test_the_speed_of_a_model_is_measured(library: httpx.Client) -> None:
    answer = library.post("/models/speed", json={"model": "small"}).json()
    assert answer["milliseconds_alone"] > 0
    assert answer["pictures_per_second"] > 0


def test_two_models_are_compared_on_a_picture_that_was_sent(library: httpx.Client, shapes: Path) -> None:
    sent = library.post("/uploads", content=(shapes / "circle" / "circle-00.jpg").read_bytes()).json()
    body = {"a": "shapes", "b": "scenes", "query": [{"upload": sent["upload"]}], "k": 5}
    answer = library.post("/comparison", json=body).json()
    assert len(answer["a"]["hits"]) == len(answer["b"]["hits"]) == 5
    assert answer["overlap"] == 0
    refused = library.post("/comparison", json=body | {"b": "shapes"})
    assert (refused.status_code, refused.json()["code"]) == (422, "same_collection")
    assert library.post("/comparison", json=body | {"k": 0}).json()["code"] == "invalid"


def test_the_classes_that_two_models_confuse(library: httpx.Client) -> None:
    asked = {"a": "shapes", "b": "scenes"}
    answer = library.get("/comparison/confusion", params=asked).json()
    assert (answer["common"], answer["classes"]) == (0, [])
    entry = library.get("/comparison/confusion/entry", params=asked | {"query": "circle", "found": "sea"})
    assert (entry.status_code, entry.json()["code"]) == (404, "unknown_class")


def test_studies_are_listed(library: httpx.Client) -> None:
    done, begun, broken = library.get("/studies").json()["studies"]
    assert (done["name"], done["state"], done["report"]) == ("done", "done", True)
    assert (begun["name"], begun["state"], begun["pending"]) == ("begun", "running", 1)
    assert (broken["name"], broken["state"]) == ("broken", "damaged")


def test_a_study_that_has_not_changed_is_not_sent_again(library: httpx.Client, tmp_path: Path, serve: Any) -> None:
    folder = write_study(tmp_path / "losses", begun={(0, 0): 2})
    with serve([], [folder]) as site, site.client() as client:
        first = client.get("/studies/losses")
        again = client.get("/studies/losses", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        time.sleep(0.01)
        finish(StudyFolder(folder).run("0-0"), 0, 0)
        later = client.get("/studies/losses", headers={"If-None-Match": first.headers["etag"]})
        assert (later.status_code, later.json()["state"]) == (200, "done")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/studies/none", 404, "unknown_study"),
        ("/studies/none/report", 404, "unknown_study"),
        ("/studies/begun/report", 404, "no_report"),
        ("/studies/..%2Fdone", 404, None),
    ],
)
def test_studies_that_are_not_there(library: httpx.Client, path: str, status: int, code: str | None) -> None:
    answer = library.get(path)
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code


def test_a_study_that_cannot_be_read_is_a_problem_without_a_place(library: httpx.Client) -> None:
    answer = library.get("/studies/broken")
    assert 400 <= answer.status_code < 500
    assert "/tmp" not in answer.text
    assert "plan.yaml" not in answer.text


def test_the_report_is_apart_from_everything(library: httpx.Client) -> None:
    answer = library.get("/studies/done/report")
    assert answer.text == REPORT
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[0] == "sandbox allow-scripts allow-downloads"
    assert {"default-src 'none'", "form-action 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert not [part for part in policy if part.startswith("connect-src") or "allow-same-origin" in part]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_is_told_without_the_token(library: httpx.Client) -> None:
    for path in (
        "/models",
        "/models/small",
        "/studies",
        "/studies/done",
        "/studies/done/report",
        "/comparison/confusion?a=a&b=b",
    ):
        assert httpx.get(f"{library.base_url}{path}".replace("v1//", "v1/")).status_code == 401
