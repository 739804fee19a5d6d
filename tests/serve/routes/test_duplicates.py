"""The review of duplicates over the API."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from podoba.collection.collection import Collection

from ..conftest import Site, running
from ..review.conftest import draw_copies

AT = "/collections/pictures/duplicates"
SAFE = {"kind": ["identical", "same picture"]}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    draw_copies(folder / "pictures")
    with Collection.open(folder / "pictures.podoba", create=True) as opened:
        opened.update([folder / "pictures"], "small")
    return folder / "pictures.podoba"


@pytest.fixture(scope="module")
def open_site(collection: Path) -> Iterator[Site]:
    with running([collection], allow_changes=True, show_paths=True) as site:
        yield site


@pytest.fixture
def api(open_site: Site) -> Iterator[httpx.Client]:
    """With everything found, and nothing decided."""
    with open_site.client() as client:
        if client.get(AT).json()["found"] is None:
            finished(client, client.post(f"{AT}/find", json={}).json())
        while client.post(f"{AT}/undo", json={}).status_code == 200:
            pass
        yield client


def finished(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    for _ in range(600):
        job = client.get(f"/jobs/{job['id']}").json()
        if job["state"] not in ("waiting", "running"):
            assert job["state"] == "done", job
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_groups_come_in_pages_with_reasons_as_facts(api: httpx.Client) -> None:
    state = api.get(AT).json()
    assert (state["groups"], state["decided"], state["found"]["fresh"]) == (6, 0, True)
    assert {row["kind"]: row["groups"] for row in state["kinds"]} == {
        "identical": 2, "same picture": 2, "flipped or rotated": 1, "cropped or edited": 1
    }  # fmt: skip
    first = api.get(f"{AT}/groups", params={"k": 4}).json()
    rest = api.get(f"{AT}/groups", params={"k": 4, "after": first["next"]}).json()
    assert (len(first["groups"]), len(rest["groups"]), first["total"], rest["next"]) == (4, 2, 6, None)
    group = first["groups"][0]
    assert (group["kind"], group["state"], group["folders"], group["decision"]) == ("identical", "open", 2, None)
    best, copy = group["items"]
    assert (best["suggested"], best["stays"], copy["stays"], copy["facts"]) == (True, True, False, [{"code": "identical"}])
    assert api.get(f"{AT}/groups/{group['group']}").json() == group
    assert api.get(f"{AT}/groups", params={"kind": "identical", "across": True}).json()["total"] == 2
    assert api.get(f"{AT}/groups", params={"kind": "same picture", "across": True}).json()["total"] == 1
    assert code(api.get(f"{AT}/groups/none")) == (404, "unknown_group")


def test_what_is_decided_is_counted_and_taken_back(api: httpx.Client) -> None:
    group = api.get(f"{AT}/groups").json()["groups"][0]
    wish = {"group": group["group"], "keep": [group["items"][1]["id"]], "seen": None}
    state = api.post(f"{AT}/decisions", json={"decisions": [wish]}).json()
    assert (state["decided"], state["going"]) == (1, {"pictures": 1, "bytes": group["items"][0]["size"]})
    assert [row["batch"] for row in state["history"]] == [state["batch"]]
    assert api.get(f"{AT}/groups", params={"state": "open"}).json()["total"] == 5
    again = api.post(f"{AT}/decisions", json={"decisions": [wish]})
    assert (code(again), again.json()["groups"]) == ((409, "decided_elsewhere"), [group["group"]])
    assert api.post(f"{AT}/undo", json={"batch": state["batch"]}).json()["decided"] == 0
    assert code(api.post(f"{AT}/undo", json={"batch": state["batch"]})) == (404, "nothing_to_undo")
    assert code(api.post(f"{AT}/decisions", json={"decisions": [{"group": "x", "keep": []}]})) == (422, "invalid")


def test_safe_kinds_are_decided_after_an_overview(api: httpx.Client) -> None:
    seen = api.get(f"{AT}/overview", params=SAFE).json()
    assert (seen["groups"], seen["pictures"], len(seen["sample"])) == (4, 4, 4)
    assert seen["bytes"] == sum(item["size"] for group in seen["sample"] for item in group["items"] if not item["stays"])
    body = {"kinds": ["identical", "same picture"], "seen": seen["token"]}
    assert api.post(f"{AT}/decisions/safe", json=body).json()["decided"] == 4
    assert code(api.post(f"{AT}/decisions/safe", json=body)) == (409, "overview_changed")
    assert code(api.get(f"{AT}/overview", params={"kind": "near"})) == (422, "unsafe_kind")


def test_lists_name_what_stays_and_what_goes(api: httpx.Client, collection: Path) -> None:
    assert api.get(f"{AT}/export").text.count("\n") == 1
    every = list(csv.DictReader(io.StringIO(api.get(f"{AT}/export", params={"what": "all"}).text)))
    assert (len(every), {row["decided"] for row in every}) == (12, {"False"})
    assert all(row["path"].startswith(str(collection.parent)) for row in every)
    answer = api.get(f"{AT}/export", params={"what": "safe", "format": "json", **SAFE})
    assert [row["action"] for row in answer.json()["images"]].count("remove") == 4
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''pictures-duplicates.json"


def test_files_move_only_as_was_agreed_and_come_back(api: httpx.Client, collection: Path) -> None:
    group = api.get(f"{AT}/groups").json()["groups"][0]
    going = Path(group["items"][1]["uri"])
    api.post(f"{AT}/decisions", json={"decisions": [{"group": group["group"], "keep": [group["items"][0]["id"]]}]})
    plan = api.get(f"{AT}/move").json()
    assert (plan["folder"], plan["pictures"], plan["moved"]) == (str(collection.with_name("pictures-duplicates")), 1, 0)
    assert code(api.post(f"{AT}/move", json={"token": "other"})) == (409, "overview_changed")
    assert code(api.post(f"{AT}/move/undo")) == (404, "nothing_to_undo")
    assert finished(api, api.post(f"{AT}/move", json={"token": plan["token"]}).json())["result"]["moved"] == 1
    assert not going.exists()
    assert (api.get(AT).json()["groups"], api.get(f"{AT}/move").json()["moved"]) == (5, 1)
    assert finished(api, api.post(f"{AT}/move/undo").json())["result"]["back"] == 1
    assert going.exists()
    assert (api.get(AT).json()["groups"], api.get(AT).json()["decided"]) == (6, 1)


def test_while_another_program_writes_nothing_is_decided_and_nothing_lost(api: httpx.Client, collection: Path) -> None:
    group = api.get(f"{AT}/groups").json()["groups"][0]
    wish = {"group": group["group"], "keep": [group["items"][0]["id"]]}
    with Collection.open(collection) as other, other.writing():
        assert code(api.post(f"{AT}/decisions", json={"decisions": [wish]})) == (503, "busy")
        assert api.get(AT).json()["decided"] == 0
    assert api.post(f"{AT}/decisions", json={"decisions": [wish]}).json()["decided"] == 1


def test_without_leave_nothing_is_moved_and_no_path_is_told(collection: Path) -> None:
    with running([collection]) as site, site.client() as client:
        for answer in (client.get(f"{AT}/move"), client.post(f"{AT}/move", json={"token": "x"}), client.post(f"{AT}/move/undo")):
            assert code(answer) == (403, "changes_not_allowed")
        told = "".join(client.get(f"{AT}/{what}").text for what in ("groups", "export?what=all", "export?what=all&format=json"))
        assert str(collection.parent) not in told
        assert client.get(AT).json()["allow_changes"] is False


def test_before_anything_was_found(client: httpx.Client) -> None:
    at = "/collections/shapes/duplicates"
    state = client.get(at).json()
    assert (state["found"], state["groups"], state["history"]) == (None, 0, [])
    assert client.get(f"{at}/groups").json() == {"groups": [], "total": 0, "next": None}
    assert client.post(f"{at}/find", json={"where": "nonsense =="}).status_code in (409, 422)
    assert code(client.get("/collections/none/duplicates")) == (404, "unknown_collection")
