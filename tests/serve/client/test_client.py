"""A server from a program: each call against a real one."""

from __future__ import annotations

import io
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import podoba
from podoba.collection.collection import Collection
from podoba.collection.search.query import Part
from podoba.collection.storage.lock import only_writer
from podoba.serve.client.client import Client
from podoba.serve.client.connection import ServerError

SHARED = ("rank", "id", "label", "similarity", "probability", "score")


@pytest.fixture(scope="module")
def local(shapes_collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same collection, opened here."""
    path = Path(shutil.copy(shapes_collection, tmp_path_factory.mktemp("local")))
    with Collection.open(path) as collection:
        yield collection


def assert_same(result: Any, expected: Any, within: float = 0.0) -> None:
    """Equal hits, whose similarities may differ by rounding where a descriptor was sent in half precision."""
    assert len(result) == len(expected) > 0
    for hit, other in zip(result, expected, strict=True):
        for name in SHARED:
            got, wanted = getattr(hit, name), getattr(other, name)
            if isinstance(wanted, float) and within:
                assert got == pytest.approx(wanted, abs=within)
            else:
                assert got == wanted
    assert (result.query, result.exact, result.marks) == (expected.query, expected.exact, expected.marks)
    assert [one.id for one in result.itself] == [one.id for one in expected.itself]


def test_it_is_a_public_name() -> None:
    assert podoba.Client is Client


def test_what_is_served(served: Client) -> None:
    (collection,) = served.collections()
    assert (collection.name, collection.items, collection.state, collection.labels) == ("shapes", 36, "ready", True)
    assert collection.model is not None
    assert collection.model.name == "small"
    assert served.collection("shapes") == collection
    with pytest.raises(ServerError, match="collection") as unknown:
        served.collection("none")
    assert (unknown.value.status, unknown.value.code) == (404, "unknown_collection")


def test_items_and_their_pictures(served: Client, local: Collection) -> None:
    items = list(served.items("shapes", where="label == 'circle'", sort="-name"))
    assert [item.name for item in items] == [f"circle-{number:02}.jpg" for number in range(11, -1, -1)]
    assert items[0].uri is None  # this server tells no places
    assert served.item("shapes", items[0].id) == items[0]
    thumbnail = Image.open(io.BytesIO(served.thumbnail("shapes", items[0].id, 96)))
    assert max(thumbnail.size) == 96
    assert served.original("shapes", items[0].id) == Path(local.item(items[0].id).uri).read_bytes()
    label = next(facet for facet in served.facets("shapes") if facet.name == "label")
    assert [(value.value, value.count) for value in label.values] == [("circle", 12), ("square", 12), ("triangle", 12)]


def test_a_search_is_that_of_the_collection(served: Client, local: Collection, shapes: Path) -> None:
    path = shapes / "circle" / "circle-03.jpg"
    ids = [item.id for item in local.items()]
    assert_same(served.search("shapes", path), local.search(path))
    assert_same(served.search("shapes", f"id:{ids[5]}", k=30), local.search(f"id:{ids[5]}", k=30))
    parts: list[Any] = [Part(path, 2.0, (10, 10, 100, 100)), f"id:{ids[20]}"]
    options: dict[str, Any] = {"unwanted": f"id:{ids[30]}", "k": 12, "where": "width > 190", "min_probability": 0.01}
    assert_same(served.search("shapes", parts, **options), local.search(parts, **options))
    options = {"diversity": 0.3, "rerank": "k-reciprocal", "with_itself": True}
    assert_same(served.search("shapes", path, **options), local.search(path, **options))


def test_pictures_and_descriptors_in_memory(served: Client, local: Collection, shapes: Path, tmp_path: Path) -> None:
    picture = Image.open(shapes / "square" / "square-01.jpg")
    found = served.search("shapes", picture)
    assert_same(found, local.search(picture))
    pixels = np.asarray(picture)
    assert_same(served.search("shapes", pixels, exact=True), local.search(pixels))
    descriptor = local.vectors().matrix[7]
    assert_same(served.search("shapes", 100 * descriptor), local.search(descriptor), within=2e-3)
    np.save(tmp_path / "query.npy", descriptor)
    assert_same(served.search("shapes", tmp_path / "query.npy"), local.search(tmp_path / "query.npy"), within=2e-3)


def test_words_have_scores(gallery: Any, scenes_collection: Path) -> None:
    with (
        Client(gallery.address, gallery.settings.token) as client,
        Collection.open(Path(scenes_collection), read_only=True) as collection,
    ):
        query: list[Any] = ["text:sea", Part(f"id:{collection.items()[3].id}", 0.5)]
        for asked, options in (("text:sea", {"min_score": 1.0}), (query, {"unwanted": "text:forest", "k": 20})):
            assert_same(client.search("scenes", asked, **options), collection.search(asked, **options))


@pytest.mark.slow
def test_hits_are_those_of_the_command_line(served: Client, local: Collection, shapes: Path, podoba: Any) -> None:
    path = shapes / "square" / "square-03.jpg"
    done = podoba("search", local.path, path, "-k", "12", "--where", "label != 'circle'", "--json")
    printed = json.loads(done.stdout)["hits"]
    found = served.search("shapes", path, k=12, where="label != 'circle'")
    assert [hit.model_dump(include=set(SHARED)) for hit in found] == [{name: hit[name] for name in SHARED} for hit in printed]


def test_nothing_similar_is_an_empty_answer(served: Client, shapes: Path) -> None:
    result = served.search("shapes", shapes / "circle" / "circle-00.jpg", min_probability=1.0)
    assert (len(result), list(result)) == (0, [])
    assert result.nearest is not None


def test_what_the_server_says_is_the_error(served: Client, shapes: Path, tmp_path: Path) -> None:
    with pytest.raises(podoba.PodobaError) as refused:
        served.search("shapes", shapes / "circle" / "circle-00.jpg", where="widht > 3 and")
    assert isinstance(refused.value, ServerError)
    assert refused.value.code == "wrong_filter"
    assert "place" in refused.value.more
    with pytest.raises(ServerError, match="knows no words"):
        served.search("shapes", "text:a circle")
    (tmp_path / "no.jpg").write_bytes(b"no picture")
    with pytest.raises(ServerError) as refused:
        served.search("shapes", tmp_path / "no.jpg")
    assert refused.value.code == "unreadable_image"
    with pytest.raises(podoba.PodobaError, match="no such image"):
        served.search("shapes", tmp_path / "gone.jpg")


def test_marks(writable: Client, shapes: Path) -> None:
    items = list(writable.items("shapes"))
    assert items[0].uri is not None
    query = shapes / "circle" / "circle-00.jpg"
    marks = writable.mark("shapes", query, right=[items[1].id], wrong=[items[20].id])
    assert [(mark.id, mark.right) for mark in marks] == [(items[1].id, True), (items[20].id, False)]
    assert writable.marks("shapes") == marks
    assert writable.search("shapes", query, feedback="rocchio").marks == 2
    assert [mark.id for mark in writable.mark("shapes", query, clear=[items[1].id])] == [items[20].id]


@pytest.mark.slow
def test_a_folder_is_indexed_and_its_job_waited_for(writable: Client) -> None:
    (allowed,) = writable.folders()
    (summer,) = writable.folders(allowed)
    assert (summer.name, summer.pictures, summer.folders) == ("summer", 1, 3)
    seen: list[tuple[str, int, int]] = []
    begun = writable.index("new", summer, model="small")
    job = writable.wait(begun, lambda stage, done, total: seen.append((stage, done, total)))
    assert (job.state, job.done, job.total, job.skipped) == ("done", 37, 37, 1)
    assert job.result is not None
    assert job.result["added"] == 36
    assert ("indexing", 37, 37) in seen
    assert [file.name for file in writable.skipped(job)] == ["broken.jpg"]
    assert writable.collection("new").items == 36
    assert writable.job(job.id) == job
    assert writable.jobs() == [job]
    assert writable.wait(job) == job
    assert [model.name for model in writable.models()][:1] == ["small"]  # those of the collections first


@pytest.mark.slow
def test_a_job_is_paused_resumed_and_stopped(writable: Client, tmp_path: Path) -> None:
    with only_writer(tmp_path / "shapes.podoba"):
        job = writable.index("shapes")
        assert writable.pause(job).state == "paused"
        assert writable.resume(job).state in ("waiting", "running")
        waiting = threading.Timer(0.3, writable.stop, [job])
        waiting.start()
        assert writable.wait(job).state == "stopped"
    with pytest.raises(ServerError) as refused:
        writable.stop(job)
    assert (refused.value.code, refused.value.more["state"]) == ("wrong_state", "stopped")


@pytest.mark.slow
def test_a_job_that_fails_is_an_error(writable: Client, tmp_path: Path) -> None:
    (allowed,) = writable.folders()
    (summer,) = writable.folders(allowed)
    writable.wait(writable.index("new", summer, model="small"))
    shutil.rmtree(tmp_path / "allowed" / "summer")
    with pytest.raises(ServerError, match="cannot be found") as failed:
        writable.wait(writable.index("new"))
    assert failed.value.code == "source_gone"


@pytest.mark.slow
def test_duplicates_are_found_decided_and_taken_back(writable: Client, shapes: Path, tmp_path: Path) -> None:
    summer = tmp_path / "allowed" / "summer"
    shutil.copy(summer / "circle" / "circle-00.jpg", summer / "circle" / "copy.jpg")
    (allowed,) = writable.folders()
    writable.wait(writable.index("new", allowed, model="small"))
    job = writable.wait(writable.find_duplicates("new", kinds=["identical"]))
    assert job.result is not None
    assert job.result["groups"] == 1
    (group,) = writable.duplicates("new")
    assert {member.name for member in group.items} == {"circle-00.jpg", "copy.jpg"}
    batch = writable.decide_duplicates("new", {group.group: [group.items[0].id]})
    assert [one.state for one in writable.duplicates("new", state="decided")] == ["decided"]
    assert writable.undo_duplicates("new", batch) == 1
    assert list(writable.duplicates("new", state="decided")) == []
