"""What a job says, as lines."""

from __future__ import annotations

from typing import Any

from podoba.images.record import Skipped
from podoba.serve.jobs.report import Report, as_line, from_line, skipped_of


def test_progress_is_said_now_and_then_and_at_the_ends_of_a_stage() -> None:
    said: list[dict[str, Any]] = []
    report = Report(said.append, quiet=3600)
    for done in range(5):
        report.progress("indexing", done, 4)
    report.progress("building the index", 0, 1)
    stages = [one["progress"] for one in said]
    assert stages == [["indexing", 0, 4], ["indexing", 4, 4], ["building the index", 0, 1]]


def test_what_is_skipped_is_said_once() -> None:
    said: list[dict[str, Any]] = []
    report = Report(said.append)
    report.skipped.append(Skipped("/a\udcff.jpg", "cut off"))
    report.progress("indexing", 1, 1)
    report.say_skipped()
    report.skipped.append(Skipped("/b.jpg", "empty"))
    report.say_skipped()
    rows = [skipped_of(one["skipped"]) for one in said if "skipped" in one]
    assert rows == [[Skipped("/a\\udcff.jpg", "cut off")], [Skipped("/b.jpg", "empty")]]


def test_a_line_is_ascii_and_comes_back() -> None:
    said = {"progress": ["індексування", 1, 2]}
    line = as_line(said)
    assert line.isascii()
    assert line.count("\n") == 1
    assert from_line(line) == said


def test_what_is_no_report_says_nothing() -> None:
    for line in ("", "warning: something\n", "[1, 2]\n", '{"progress": [\n'):
        assert from_line(line) == {}
