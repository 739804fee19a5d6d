"""Marks for a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from podoba.cli.terminal.marks import print_marks
from podoba.collection.storage.marks import Mark


def mark_of(query: str, id_: str | None, right: bool) -> Any:
    return Mark(query, f"{query}.jpg", "c" * 64, "/a.jpg", id_, right, "2021-05-04T12:30:01", "starter")


def test_marks_of_a_query_or_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    marks = [mark_of("one", "0" * 16, True), mark_of("two", None, False)]
    print_marks(marks, None, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["one.jpg", "right", "/a.jpg", "0" * 16, "2021-05-04T12:30:01"]
    assert lines[3].split() == ["two.jpg", "wrong", "/a.jpg", "no", "longer", "there", "2021-05-04T12:30:01"]
    print_marks(marks, "two", as_json=True)
    assert [row["right"] for row in json.loads(capsys.readouterr().out)["marks"]] == [False]
    print_marks(marks, "three", as_json=False)
    assert capsys.readouterr() == ("", "nothing is marked\n")
