"""How a command shows its progress."""

from __future__ import annotations

import io
import sys

import pytest

from podoba.cli.terminal.meter import Meter
from podoba.cli.terminal.progress import meter, over_bytes, over_epochs
from podoba.cli.terminal.progress_bar import BarMeter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_a_pipe_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    with meter() as show:
        assert type(show) is Meter
    monkeypatch.setattr(sys, "stderr", Terminal())
    with meter() as show:
        assert isinstance(show, BarMeter)


def test_epochs_are_one_piece_of_work() -> None:
    seen: list[tuple[str, int, int]] = []

    class Recorder(Meter):
        def __call__(self, name: str, done: int, total: int, *, unit: str = "", note: str = "") -> None:
            seen.append((name, done, total))

    progress = over_epochs(Recorder(), "triplet")
    progress("decoding", 1, 5)
    progress("epoch 3/10", 4, 20)
    assert seen == [("decoding", 1, 5), ("triplet, epoch 3/10", 44, 200)]


def test_downloads_are_shown_in_megabytes() -> None:
    seen: list[tuple[str, int, int, str]] = []

    class Recorder(Meter):
        def __call__(self, name: str, done: int, total: int, *, unit: str = "", note: str = "") -> None:
            seen.append((name, done, total, unit))

    progress = over_bytes(Recorder())
    progress("model.onnx", 1_600_000, 352_000_000)
    progress("config.json", 300, 300)
    assert seen == [("fetching model.onnx, MB", 2, 352, "MB"), ("fetching config.json, MB", 0, 1, "MB")]
