"""Tests of marks: they are those of the same picture on the command line, and used at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.errors import UnknownItem
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.bodies import MarksBody
from podoba.serve.queries.marking import change_marks
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served

pytestmark = pytest.mark.slow


@pytest.fixture
def own(shapes_collection: Path, decoders: Decoders, tmp_path: Path) -> Iterator[tuple[Queries, OpenedFile]]:
    """A copy that may be changed."""
    shutil.copy(shapes_collection, tmp_path / "own.podoba")
    served = Served([tmp_path / "own.podoba"])
    queries = Queries(served.collection, decoders=decoders)
    yield queries, queries.opened_file("own")
    served.close()


def change(own: tuple[Queries, OpenedFile], **body: Any) -> dict[str, Any]:
    return change_marks(own[0].searches, own[1], MarksBody.model_validate(body), show_paths=False)


def test_marks_of_an_upload_re_rank_at_once_and_are_those_of_its_file(own: tuple[Queries, OpenedFile], shapes: Path) -> None:
    queries, opened = own
    path = shapes / "circle" / "circle-01.jpg"
    query = {"upload": queries.uploads.add(path.read_bytes(), "mine.jpg").sha256}
    labels = {item.id: item.label for item in opened.collection.items()}
    everything = opened.collection.search(str(path), k=36).hits
    before = everything[:12]
    right = [hit.id for hit in everything if labels[hit.id] == "circle"][:3]
    wrong = [hit.id for hit in before if labels[hit.id] != "circle"][:3]
    assert wrong
    answer = change(own, query=query, right=right, wrong=wrong, search={"query": [query], "k": 12, "feedback": "linear-probe"})
    told = {mark["id"]: mark["right"] for mark in answer["marks"]}
    assert told == dict.fromkeys(right, True) | dict.fromkeys(wrong, False)
    assert {mark["asked"] for mark in answer["marks"]} == {"mine.jpg"}
    assert answer["result"]["marks"] == len(right) + len(wrong)
    hits = [hit["id"] for hit in answer["result"]["hits"]]
    assert not set(wrong) & set(hits)
    same = opened.collection.search(str(path), k=12, feedback="linear-probe")
    assert (same.marks, [hit.id for hit in same.hits]) == (len(told), hits)
    assert hits != [hit.id for hit in before]
    cleared = change(own, query=query, clear=right)
    assert {mark["id"] for mark in cleared["marks"]} == set(wrong)
    assert cleared["result"] is None


def test_marks_of_an_item_are_kept(own: tuple[Queries, OpenedFile]) -> None:
    items = own[1].collection.items()
    answer = change(own, query={"item": items[0].id}, right=[items[1].id])
    assert [(mark["id"], mark["name"], mark["asked"]) for mark in answer["marks"]] == [
        (items[1].id, Path(items[1].uri).name, Path(items[0].uri).name)
    ]


def test_what_cannot_be_marked_is_refused_and_nothing_is_kept(own: tuple[Queries, OpenedFile]) -> None:
    a, b, *_ = (item.id for item in own[1].collection.items())
    for body in ({"right": [b], "wrong": [b]}, {"right": [b], "clear": [b]}, {"right": [b, a]}):
        with pytest.raises(Problem) as raised:
            change(own, query={"item": a}, **body)
        assert (raised.value.status, raised.value.code) == (422, "wrong_marks")
    with pytest.raises(UnknownItem):
        change(own, query={"item": a}, right=[b, "none"])
    assert own[1].collection.marks() == []
