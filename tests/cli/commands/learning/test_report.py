"""`podoba report`: what it prints; what it draws is tested in tests/report/study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.errors import PodobaError
from podoba.report.study.build import Report

Command = Callable[..., Any]


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study whose report is drawn at once: two of three trainings finished, one source gone."""

    def build(folder: Path, progress: object) -> Report:
        assert callable(progress)
        (folder / "report.html").write_text("page", encoding="utf-8")
        return Report(folder / "report.html", 3, 2, {"photos": "photos: no such file"}, ["without torch no samples are drawn"])

    monkeypatch.setattr("podoba.report.study.build.build_report", build)
    return tmp_path


def test_says_where_the_report_is_and_what_is_missing(command: Command, drawn: Path) -> None:
    done = command("report", drawn)
    assert done.code == 0
    assert done.out.splitlines()[0] == f"report: {drawn / 'report.html'}"
    assert "photos: no such file" in done.err
    assert "note: without torch no samples are drawn" in done.err
    assert "1 of 3 trainings are not finished" in done.err


def test_as_json(command: Command, drawn: Path) -> None:
    done = command("report", drawn, "--json")
    assert done.json == {
        "report": str(drawn / "report.html"), "bytes": 4, "cells": 3, "finished": 2,
        "missing": {"photos": "photos: no such file"}, "left_out": ["without torch no samples are drawn"],
    }  # fmt: skip


def test_what_is_wrong_is_one_line(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path, progress: object) -> Report:
        raise PodobaError(f"{folder}: no study is here: name a folder that podoba study made")

    monkeypatch.setattr("podoba.report.study.build.build_report", refuse)
    done = command("report", tmp_path / "nothing")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert "no study is here" in done.err
