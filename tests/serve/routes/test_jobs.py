"""Long work over the API."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from podoba.collection.storage.lock import only_writer

pytestmark = pytest.mark.slow
Serve = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def photos(tmp_path: Path, shapes: Path) -> Path:
    """An allowed folder with a folder of pictures in it."""
    shutil.copytree(shapes, tmp_path / "allowed" / "summer")
    (tmp_path / "allowed" / "summer" / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    return tmp_path / "allowed"


@pytest.fixture
def mine(serve: Serve, photos: Path, shapes_collection: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server of a missing collection `new` and a copy of the shapes."""
    shutil.copy(shapes_collection, tmp_path / "shapes.podoba")
    with serve([tmp_path / "new.podoba", tmp_path / "shapes.podoba"], allow_index=(photos,)) as site, site.client() as opened:
        yield opened


def new(folder: str = "summer", **more: Any) -> dict[str, Any]:
    return {"kind": "index", "collection": "new", "folder": {"root": 0, "path": folder}, "model": "small", **more}


def followed(client: httpx.Client, id_: str, last: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """All events of a job until its stream ends."""
    headers = {} if last is None else {"Last-Event-ID": last}
    found = []
    with client.stream("GET", f"/jobs/{id_}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                found.append((fields["id"], json.loads(fields["data"])))
                fields = {}
    return found


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_from_a_folder_to_the_first_item(mine: httpx.Client, tmp_path: Path) -> None:
    assert mine.get("/collections/new").json()["state"] == "missing"
    assert [folder["name"] for folder in mine.get("/folders").json()["folders"]] == ["allowed"]
    listing = mine.get("/folders/0").json()
    assert [(folder["path"], folder["folders"]) for folder in listing["folders"]] == [("summer", 3)]
    begun = mine.post("/jobs", json=new())
    assert begun.status_code == 202
    events = followed(mine, begun.json()["id"])
    states = [event["state"] for _, event in events]
    assert set(states) <= {"running", "done"}
    assert states[-1] == "done"
    job = events[-1][1]
    assert (job["result"]["added"], job["skipped"], job["done"], job["total"]) == (36, 1, 37, 37)
    assert mine.get(f"/jobs/{job['id']}").json() == job
    skipped = mine.get(f"/jobs/{job['id']}/skipped").json()
    assert (skipped["total"], skipped["skipped"][0]["name"], skipped["skipped"][0]["uri"]) == (1, "broken.jpg", None)
    assert str(tmp_path) not in json.dumps([events, skipped, listing])
    collection = mine.get("/collections/new").json()
    assert (collection["state"], collection["items"]) == ("ready", 36)
    answer = mine.get(f"/jobs/{job['id']}/events", headers={"Last-Event-ID": events[-1][0]})
    assert answer.status_code == 204  # a browser does not ask again


def test_a_stream_goes_on_behind_what_was_seen(mine: httpx.Client) -> None:
    id_ = mine.post("/jobs", json=new()).json()["id"]
    events = followed(mine, id_)
    again = followed(mine, id_, last=events[0][0])
    assert again == events[-1:]  # each event is the whole state


def test_a_job_is_paused_resumed_and_stopped(mine: httpx.Client, tmp_path: Path) -> None:
    with only_writer(tmp_path / "shapes.podoba"):
        id_ = mine.post("/jobs", json={"kind": "index", "collection": "shapes"}).json()["id"]
        assert mine.post(f"/jobs/{id_}/pause").json()["state"] == "paused"
        refused(mine.post(f"/jobs/{id_}/pause"), 409, "wrong_state")
        assert mine.post(f"/jobs/{id_}/resume").json()["state"] in ("waiting", "running")
        assert mine.post(f"/jobs/{id_}/stop").json()["state"] == "stopped"
    assert mine.post(f"/jobs/{id_}/resume").status_code == 200
    assert followed(mine, id_)[-1][1]["result"]["unchanged"] == 36
    assert [job["id"] for job in mine.get("/jobs").json()["jobs"]] == [id_]


def test_what_cannot_be_done_is_refused(mine: httpx.Client) -> None:
    refused(mine.post("/jobs", json={"kind": "index", "collection": "none"}), 404, "unknown_collection")
    refused(mine.post("/jobs", json={"kind": "index", "collection": "new"}), 409, "no_sources")
    refused(mine.post("/jobs", json=new("../..")), 404, "unknown_folder")
    refused(mine.post("/jobs", json=new(model="gone")), 404, "unknown_model")
    refused(mine.post("/jobs", json={"kind": "index", "collection": "shapes", "model": "small"}), 409, "has_model")
    refused(mine.post("/jobs", json={"kind": "sing", "collection": "new"}), 422, "invalid")
    refused(mine.get("/jobs/0000/events"), 404, "unknown_job")
    refused(mine.get("/jobs/0000/skipped"), 404, "unknown_job")
    refused(mine.get("/folders/7"), 404, "unknown_folder")
    assert mine.get("/jobs").json() == {"jobs": []}


def test_without_allowed_folders_none_is_listed_or_indexed(client: httpx.Client) -> None:
    assert client.get("/folders").json() == {"folders": []}
    refused(client.post("/jobs", json=new()), 404, "unknown_collection")
    body = {"kind": "index", "collection": "shapes", "folder": {"root": 0, "path": ""}}
    refused(client.post("/jobs", json=body), 404, "unknown_folder")
