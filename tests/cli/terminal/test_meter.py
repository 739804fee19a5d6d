"""Progress as plain lines."""

from __future__ import annotations

import time

import pytest
from rich.console import Console
from rich.progress import Progress

from podoba.cli.terminal import meter
from podoba.cli.terminal.progress_bar import BarMeter


def test_plain_progress_is_a_line_now_and_then_with_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    show = meter.Meter()
    for done in range(0, 101, 10):
        show("indexing", done, 100)
        now[0] += 2
    assert capsys.readouterr().err.splitlines() == [
        "indexing: 30/100, about 14 s left",
        "indexing: 60/100, about 8 s left",
        "indexing: 90/100, about 2 s left",
    ]


def test_a_total_that_is_not_known_yet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    show = meter.Meter()
    for done, total in ((0, 0), (3, 0), (6, 12)):
        show("shards", done, total, note="no images skipped")
        now[0] += 6
    assert capsys.readouterr().err.splitlines() == [
        "shards: 3/?, no images skipped",
        "shards: 6/12, no images skipped, about 12 s left",
    ]


def test_what_was_said_is_not_said_again(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    show = meter.Meter()
    for done in (0, 20, 26, 26, 26, 26):
        now[0] += 6
        show("comparing pairs", done, 26, unit="pairs")
    show("confirming", 26, 26)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "comparing pairs: 0/26", "comparing pairs: 20/26", "comparing pairs: 26/26", "confirming: 26/26",
    ]  # fmt: skip


def test_the_rate_and_what_was_skipped_are_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    bar = Progress(console=Console(quiet=True))
    for show in (meter.Meter(), BarMeter(bar)):
        show("indexing", 1000, 5000, unit="images")  # those that are unchanged say nothing about the speed
        now[0] += 8
        show("indexing", 2000, 5000, unit="images", note="3 skipped")
    assert capsys.readouterr().err.splitlines() == ["indexing: 2000/5000, 125 images/s, 3 skipped, about 24 s left"]
    assert bar.tasks[0].fields["facts"] == "125 images/s, 3 skipped"


@pytest.mark.parametrize(("seconds", "text"), [(3.2, "3 s"), (119, "119 s"), (600, "10 min"), (3 * 3600 + 120, "3 h 2 min")])
def test_durations(seconds: float, text: str) -> None:
    assert meter.duration(seconds) == text
