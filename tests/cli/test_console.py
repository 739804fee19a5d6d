"""Progress and plain lines."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.progress import Progress

from podoba.cli import console
from podoba.images.record import Skipped


def test_plain_progress_is_a_line_now_and_then_with_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    with console.meter() as show:
        for done in range(0, 101, 10):
            show("indexing", done, 100)
            now[0] += 2
    assert capsys.readouterr().err.splitlines() == [
        "indexing: 30/100, about 14 s left",
        "indexing: 60/100, about 8 s left",
        "indexing: 90/100, about 2 s left",
    ]


def test_the_rate_and_what_was_skipped_are_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    bar = Progress(console=Console(quiet=True))
    for show in (console.Meter(None), console.Meter(bar)):
        show("indexing", 1000, 5000, unit="images")  # those that are unchanged say nothing about the speed
        now[0] += 8
        show("indexing", 2000, 5000, unit="images", note="3 skipped")
    assert capsys.readouterr().err.splitlines() == ["indexing: 2000/5000, 125 images/s, 3 skipped, about 24 s left"]
    assert bar.tasks[0].fields["facts"] == "125 images/s, 3 skipped"


def test_epochs_are_one_piece_of_work() -> None:
    seen: list[tuple[str, int, int]] = []

    class Recorder(console.Meter):
        def __call__(self, name: str, done: int, total: int) -> None:
            seen.append((name, done, total))

    progress = console.over_epochs(Recorder(None), "triplet")
    progress("decoding", 1, 5)
    progress("epoch 3/10", 4, 20)
    assert seen == [("decoding", 1, 5), ("triplet, epoch 3/10", 44, 200)]


def test_a_bar_follows_the_work_and_is_replaced_by_the_next() -> None:
    bar = Progress(console=Console(quiet=True))
    show = console.Meter(bar)
    show("training, epoch 1/2", 5, 20)
    show("training, epoch 2/2", 15, 20)
    assert [(task.description, task.completed, task.total) for task in bar.tasks] == [("training, epoch 2/2", 15, 20)]
    show("indexing", 1, 3)
    assert [(task.description, task.completed, task.total) for task in bar.tasks] == [("indexing", 1, 3)]


@pytest.mark.parametrize(("seconds", "text"), [(3.2, "3 s"), (119, "119 s"), (600, "10 min"), (3 * 3600 + 120, "3 h 2 min")])
def test_durations(seconds: float, text: str) -> None:
    assert console.duration(seconds) == text


def test_names_cannot_break_the_terminal() -> None:
    assert console.printable("так 🐈") == "так 🐈"
    assert console.printable("a\nb\x1b[2J\udcff") == "a\\nb\\x1b[2J\\udcff"


def test_of_many_unreadable_images_the_first_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    console.say_skipped([Skipped(f"{i}.png", f"cut off after {i} bytes" if i % 5 else "empty") for i in range(25)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[0] == "skipped: 0.png: empty"
    assert lines[-1] == "skipped, 25 in all: 20 cut off after … bytes; 5 empty"


def test_tables_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(
        ("layer", "output", "parameters"), [("dense", "512", "262,656"), ("猫", "1x1", "0")], total=("total", "", "262,656")
    )
    assert capsys.readouterr().out.splitlines() == [
        "layer  output  parameters",
        "-----  ------  ----------",
        "dense  512        262,656",
        "猫     1x1              0",
        "-----  ------  ----------",
        "total             262,656",
    ]
