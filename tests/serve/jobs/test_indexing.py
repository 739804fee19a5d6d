"""The job that brings a collection up to date."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.errors import SourceError
from podoba.serve.client.client import Client
from podoba.serve.jobs.indexing import MISSING, index, known_sources
from podoba.serve.jobs.report import Report


@pytest.fixture
def said() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def report(said: list[dict[str, Any]]) -> Report:
    return Report(said.append)


def test_the_sources_that_a_collection_knows_are_looked_at_again(tmp_path: Path, shapes: Path, report: Report) -> None:
    photos = Path(shutil.copytree(shapes, tmp_path / "photos"))
    path = tmp_path / "new.podoba"
    assert index(path, {"folder": str(photos), "model": "small"}, report)["added"] == 36
    (photos / "circle" / "circle-00.jpg").unlink()
    shutil.copy(photos / "square" / "square-00.jpg", photos / "square" / "copy.jpg")
    result = index(path, {}, report)
    assert (result["vanished"], result["added"], result["unchanged"]) == (1, 1, 35)


def test_a_source_that_is_away_is_named_and_its_pictures_stay(
    tmp_path: Path, shapes: Path, report: Report, said: list[dict[str, Any]]
) -> None:
    here, away = Path(shutil.copytree(shapes / "circle", tmp_path / "here")), tmp_path / "away"
    shutil.copytree(shapes / "square", away)
    path = tmp_path / "new.podoba"
    for folder in (here, away):
        index(path, {"folder": str(folder), "model": None if path.exists() else "small"}, report)
    shutil.rmtree(away)
    said.clear()
    assert index(path, {}, report)["unchanged"] == 12
    assert {"skipped": [[str(away), MISSING]]} in said
    with Collection.open(path) as collection:
        assert len(collection) == 24
    shutil.rmtree(here)
    with pytest.raises(SourceError):
        index(path, {}, report)


def test_many_that_vanished_are_kept_until_that_is_meant(tmp_path: Path, shapes: Path, report: Report) -> None:
    photos = Path(shutil.copytree(shapes, tmp_path / "photos"))
    path = tmp_path / "new.podoba"
    index(path, {"folder": str(photos), "model": "small"}, report)
    for number in range(11):
        (photos / "circle" / f"circle-{number:02}.jpg").unlink()
        (photos / "square" / f"square-{number:02}.jpg").unlink()
    result = index(path, {}, report)
    assert (result["held_back"], result["vanished"]) == (22, 0)
    result = index(path, {"forget": True}, report)
    assert (result["held_back"], result["vanished"]) == (0, 22)


def test_parts_of_a_set_are_known_by_their_names(tmp_path: Path, shapes: Path, report: Report) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(shapes, photos / "train")
    shutil.copytree(shapes, photos / "test")
    path = tmp_path / "new.podoba"
    index(path, {"folder": f"{photos}:test", "model": "small"}, report)
    with Collection.open(path) as collection:
        assert known_sources(collection) == [f"{photos}:test"]
    assert index(path, {}, report)["unchanged"] == 36


def test_a_folder_that_is_not_there_leaves_no_collection(tmp_path: Path, report: Report) -> None:
    with pytest.raises(SourceError):
        index(tmp_path / "new.podoba", {"folder": str(tmp_path / "gone")}, report)
    assert not (tmp_path / "new.podoba").exists()


@pytest.mark.slow
def test_a_served_collection_shows_what_is_there_while_it_grows(serve: Any, many: Path, tmp_path: Path) -> None:
    with serve([tmp_path / "new.podoba"], allow_index=(many,)) as site, Client(site.address, site.settings.token) as client:
        job = client.index("new", client.folders()[0], model="small")
        seen = [0]
        while not client.job(job.id).has_ended:
            count = client.collection("new").items
            if count > seen[-1]:
                seen.append(count)
                items = list(client.items("new"))
                assert len(items) >= count
                assert len(client.search("new", f"id:{items[-1].id}", k=3)) == 3
        assert client.wait(job).state == "done"
        assert client.collection("new").items == 400
    assert [count for count in seen if 0 < count < 400]
