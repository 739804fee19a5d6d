"""Marks by the API."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.serve.queries.bodies import MarksAnswer

pytestmark = pytest.mark.slow


def test_marks_are_kept_used_and_forgotten(
    serve: Callable[..., AbstractContextManager[Any]], shapes_collection: Path, tmp_path: Path
) -> None:
    shutil.copy(shapes_collection, tmp_path / "own.podoba")
    with serve([tmp_path / "own.podoba"]) as site, site.client() as client:
        path = "/collections/own/marks"
        query, right, wrong = (item["id"] for item in client.get("/collections/own/items?k=3").json()["items"])
        body = {"query": {"item": query}, "right": [right], "wrong": [wrong]}
        search = {"query": [{"item": query}], "k": 36, "feedback": "linear-probe"}
        answer = client.post(path, json=body | {"search": search}).json()
        assert MarksAnswer.model_validate(answer)
        assert {mark["id"]: mark["right"] for mark in answer["marks"]} == {right: True, wrong: False}
        assert answer["result"]["marks"] == 2
        assert wrong not in {hit["id"] for hit in answer["result"]["hits"]}
        assert client.get(path).json()["marks"] == answer["marks"]
        with Collection.open(tmp_path / "own.podoba", read_only=True) as opened:  # as the command line would see them
            assert {mark.id for mark in opened.marks()} == {right, wrong}
        assert client.post(path, json={"query": {"item": query}, "clear": [right, wrong]}).json()["marks"] == []
        for wrong_body, code in ((body | {"wrong": [right]}, "wrong_marks"), ({"right": []}, "invalid")):
            assert client.post(path, json=wrong_body).json()["code"] == code


def test_while_another_program_writes_marks_wait(
    serve: Callable[..., AbstractContextManager[Any]], shapes_collection: Path, tmp_path: Path
) -> None:
    shutil.copy(shapes_collection, tmp_path / "own.podoba")
    with serve([tmp_path / "own.podoba"]) as site, site.client() as client:
        query, right = (item["id"] for item in client.get("/collections/own/items?k=2").json()["items"])
        with Collection.open(tmp_path / "own.podoba") as other, other.writing():
            answer = client.post("/collections/own/marks", json={"query": {"item": query}, "right": [right]})
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
