"""A collection in a real vector database, by the commands and by the API, as long as its server is there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from podoba.cli.main import run
from podoba.collection.collection import Collection
from podoba.models.names import open_model
from podoba.scale.vectors.open import create_vectors
from podoba.serve.app import create_app
from podoba.serve.served import Served
from podoba.serve.settings import ServeSettings
from scenes import KINDS, scene
from tests.scale.servers.milvus import MilvusProcess

pytestmark = pytest.mark.scale
SETTINGS = ServeSettings(token="token-of-the-tests", patience=0.5)
Command = Callable[..., tuple[Any, str]]


@pytest.fixture(scope="module", autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name in ("PODOBA_DATA", "PODOBA_CACHE"):
            patched.setenv(name, str(tmp_path_factory.mktemp(name)))
        yield


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """Twenty-four pictures in a file."""
    folder = tmp_path_factory.mktemp("scenes")
    for kind in sorted(KINDS):
        (folder / "pictures" / kind).mkdir(parents=True)
        for number in range(4):
            scene(kind, number).save(folder / "pictures" / kind / f"{number}.jpg")
    with Collection.open(folder / "scenes.podoba", create=True) as opened:
        opened.update([folder / "pictures"], "small")
        yield opened


@pytest.fixture(scope="module")
def there(here: Collection, milvus_server: MilvusProcess) -> str:
    """The address of the same in a vector database."""
    address = f"milvus://{milvus_server.address}/scenes"
    vectors = here.vectors()
    with create_vectors(address, open_model("small"), "small") as made:
        made.store.put(here.items(), vectors.matrix)
    return address


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the program within this process: what it printed as JSON, and its messages."""

    def call(*arguments: str) -> tuple[Any, str]:
        monkeypatch.setattr(sys, "argv", ["podoba", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit):
            run()
        printed = capsys.readouterr()
        return json.loads(printed.out) if printed.out else None, printed.err

    return call


def test_commands_do_there_what_they_do_here(here: Collection, there: str, command: Command) -> None:
    query = here.items()[0]
    for asked in (
        [query.uri], [f"id:{query.id}", "--where", "label != 'forest'"], [query.uri, "--box", "10,10,90,90", "-k", "3"],
        [query.uri, "--not", here.items()[5].uri, "--rerank", "k-reciprocal"], [query.uri, "--min-probability", "0.05"],
    ):  # fmt: skip
        (found, _), (expected, _) = (command("search", place, *asked, "--json") for place in (there, str(here.path)))
        assert [hit["id"] for hit in found["hits"]] == [hit["id"] for hit in expected["hits"]], asked
        assert found["hits"]
        for name in ("similarity", "probability"):
            expected_ones = [hit[name] for hit in expected["hits"]]
            assert [hit[name] for hit in found["hits"]] == pytest.approx(expected_ones, abs=2e-3)
    right, wrong = (here.items()[row].id for row in (1, 9))
    for place in (there, str(here.path)):
        command("mark", place, query.uri, "--right", right, "--wrong", wrong)
    (found, _), (expected, _) = (
        command("search", place, query.uri, "--feedback", "rocchio", "--json") for place in (there, str(here.path))
    )
    assert (found["marks"], [hit["id"] for hit in found["hits"]]) == (2, [hit["id"] for hit in expected["hits"]])
    assert len(command("mark", there, "--list", "--json")[0]["marks"]) == 2
    facts, _ = command("info", there, "--json")
    assert (facts["collection"], facts["items"], facts["marks"], facts["model"]) == (there, 24, 2, "small")
    assert "error: " + there + ": this needs a collection file" in command("duplicates", there)[1]


def test_the_api_answers_while_the_server_is_there_and_again_when_it_is_back(there: str, milvus_server: MilvusProcess) -> None:
    served = Served([there], settings=SETTINGS)
    headers = {"Authorization": f"Bearer {SETTINGS.token}"}
    with TestClient(create_app(served), base_url="http://127.0.0.1:8765", headers=headers) as client:
        one = client.get("/api/v1/collections").json()["collections"][0]
        assert (one["name"], one["state"], one["items"], one["labels"]) == ("scenes", "ready", 24, True)
        item = client.get("/api/v1/collections/scenes/items?k=3").json()["items"][0]
        assert client.get(f"/api/v1/collections/scenes/items/{item['id']}/thumbnail").headers["content-type"] == "image/jpeg"
        asked = {"query": [{"item": item["id"]}], "k": 5, "where": f"label == '{item['label']}'"}
        found = client.post("/api/v1/collections/scenes/search", json=asked).json()
        assert [hit["label"] for hit in found["hits"]] == [item["label"]] * 3
        milvus_server.kill()
        away = client.post("/api/v1/collections/scenes/search", json=asked)
        assert (away.status_code, away.json()["code"]) == (503, "away")
        assert client.get("/api/v1/collections").json()["collections"][0]["state"] == "away"
        milvus_server.start()
        again = client.post("/api/v1/collections/scenes/search", json=asked)
        while again.status_code == 503:  # it loads what it held
            again = client.post("/api/v1/collections/scenes/search", json=asked)
        assert again.json()["hits"] == found["hits"]
