"""Results at a terminal: the table, how paths are shortened, and what is drawn where."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from podoba.cli.console import text_width
from podoba.cli.terminal.result_table import BAR, bar, shorten, table, way_of_drawing
from podoba.collection.search.results import Hit

Podoba = Callable[..., "subprocess.CompletedProcess[str]"]


def printed(hits: list[Hit], width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(table(hits, width))
    file = console.file
    assert isinstance(file, io.StringIO)
    return [line.rstrip() for line in file.getvalue().splitlines() if line.strip()]


def hit(rank: int, uri: str, label: str | None = "кіт", probability: float | None = 0.5) -> Hit:
    return Hit(rank, f"{rank:016x}", uri, label, 0.75, probability)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_row_has_everything_on_one_line_of_the_terminal(width: int) -> None:
    hits = [hit(i, f"/home/someone/pictures/a long album of 2021/{'deeper/' * i}IMG_{i:04}.jpg") for i in range(1, 11)]
    lines = printed(hits, width)
    assert len(lines) == 12
    assert width - 20 < max(map(text_width, lines)) <= width  # the path has what is left, but for half a folder
    assert all(name in lines[0] for name in ("similarity", "probability", "label", "image", "id"))
    for i, line in enumerate(lines[2:], 1):
        assert all(word in line for word in (f"{i:016x}", f"IMG_{i:04}.jpg", "0.7500", "50.0%", "━" * (BAR // 2), "кіт"))


@pytest.mark.parametrize("width", [30, 40, 60])
def test_a_narrow_terminal_gets_lines_for_each_hit_and_nothing_is_cut(width: int) -> None:
    hits = [hit(i, f"/home/someone/pictures/a long album of 2021/IMG_{i:04}.jpg") for i in range(1, 4)]
    lines = printed(hits, width)
    assert len(lines) == 9
    assert max(map(text_width, lines)) <= width
    for i in range(1, 4):
        numbers, path, id_ = lines[3 * i - 3 : 3 * i]
        assert numbers == f"{i}. 0.7500 50.0% кіт"
        assert path.endswith(f"IMG_{i:04}.jpg")
        assert id_.strip() == f"{i:016x}"


def test_a_terminal_of_another_encoding_gets_only_letters_that_it_has() -> None:
    console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"), width=100, color_system=None)
    console.print(table([hit(1, "/home/someone/pictures/a long album of 2021/deeper/still deeper/їжак 0001.jpg")], 100, "ascii"))
    console.file.flush()
    assert isinstance(console.file, io.TextIOWrapper)
    assert isinstance(console.file.buffer, io.BytesIO)
    lines = console.file.buffer.getvalue().decode("ascii").splitlines()
    assert len({len(line) for line in lines if line}) == 1  # the columns are straight
    assert "50.0% ####" in lines[3]
    assert "~" in lines[3]
    assert "\\u0457" in lines[3]


def test_what_nobody_knows_has_no_column() -> None:
    lines = printed([hit(1, "/a.jpg", None, None)], 100)
    assert "label" not in lines[0]
    assert "probability" not in lines[0]
    assert "label" in printed([hit(1, "/a.jpg", None, None), hit(2, "/b.jpg", "cat", 0.1)], 100)[0]


def test_names_can_neither_break_the_line_nor_style_the_table() -> None:
    lines = printed([hit(1, "/[red]a\n\x1b[31m.jpg", "[b]x[/b]")], 120)
    assert len(lines) == 3
    assert "[red]a\\n\\x1b[31m.jpg" in lines[2]
    assert "[b]x[/b]" in lines[2]


def test_a_path_loses_folders_first_and_then_the_middle_of_its_name() -> None:
    assert shorten("/a/b/c.jpg", 20) == "/a/b/c.jpg"
    assert shorten("/pictures/2021/beach/c.jpg", 16) == "…/beach/c.jpg"
    assert shorten("/pictures/beach/a very long name 0042.jpg", 16) == shorten("a very long name 0042.jpg", 16)
    assert shorten("a very long name 0042.jpg", 16).endswith("0042.jpg")


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1), st.integers(8, 60))
def test_a_shortened_path_always_fits(path: str, width: int) -> None:
    assert text_width(shorten(path, width)) <= width


@pytest.mark.parametrize(("share", "drawn"), [(0.0, ""), (1.0, "━" * BAR), (0.5, "━" * (BAR // 2)), (1 / 16, "╸")])
def test_a_bar_is_as_long_as_its_share(share: float, drawn: str) -> None:
    assert bar(share) == drawn


@pytest.mark.parametrize(
    ("wanted", "environment", "how"),
    [
        (None, {"TERM": "xterm-256color"}, None),
        (True, {"TERM": "xterm-256color"}, "half-blocks"),
        (None, {"TERM": "xterm-kitty"}, "kitty"),
        (False, {"TERM": "xterm-kitty"}, None),
        (None, {"TERM": "xterm-kitty", "NO_COLOR": "1"}, None),
        (True, {"TERM": "xterm-kitty", "NO_COLOR": "1"}, "kitty"),
        (None, {"TERM": "xterm", "TERM_PROGRAM": "ghostty"}, "kitty"),
        (None, {"TERM": "xterm", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        (None, {"TERM": "xterm", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
        (None, {"TERM": "xterm", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        (None, {"TERM": "foot-extra"}, None),
        (None, {"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, None),
        (True, {"TERM": "xterm", "TMUX": "/tmp/x", "TERM_PROGRAM": "iTerm.app"}, "half-blocks"),
        (None, {}, None),
    ],
)
def test_pictures_are_drawn_where_the_environment_says_they_can_be(
    wanted: bool | None, environment: dict[str, str], how: str | None
) -> None:
    assert way_of_drawing(wanted, environment) == how


def test_half_blocks_are_not_drawn_where_the_encoding_has_none() -> None:
    assert way_of_drawing(True, {"TERM": "xterm"}, "ascii") is None
    assert way_of_drawing(True, {"TERM": "xterm-kitty"}, "ascii") == "kitty"


def at_a_terminal(*arguments: str | Path, **variables: str) -> str:
    """What the program writes to a terminal of 100 columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", "TMUX")}
    process = subprocess.Popen(
        [sys.executable, "-m", "podoba", *map(str, arguments)],
        stdout=slave, stderr=subprocess.DEVNULL, env={**environment, "TERM": "xterm-256color", **variables},
    )  # fmt: skip
    os.close(slave)
    written = b""
    while True:
        try:
            part = os.read(master, 1 << 16)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        written += part
    os.close(master)
    assert process.wait() == 0
    return written.decode()


def test_a_terminal_gets_a_table_and_pictures_and_a_pipe_plain_lines(collection: Path, podoba: Podoba) -> None:
    plain = podoba("search", collection, "id:" + first_id(collection), "-k", "3").stdout
    assert "\x1b" not in plain
    assert len(plain.splitlines()) == 5
    asked: list[str | Path] = ["search", collection, "id:" + first_id(collection), "-k", "3"]
    drawn = at_a_terminal(*asked, "--pictures", COLORTERM="truecolor")
    assert ("▀" in drawn, "\x1b[38;2;" in drawn, "similarity" in drawn, "\x1b_G" in drawn) == (True, True, True, False)
    quiet = at_a_terminal(*asked, NO_COLOR="1", TERM="xterm-kitty")
    assert "similarity" in quiet
    assert "\x1b[3" not in quiet
    assert "\x1b_G" not in quiet
    refused = podoba(*asked, "--pictures")
    assert (refused.returncode, "draws in a terminal" in refused.stderr) == (2, True)


def first_id(path: Path) -> str:
    from podoba.collection.collection import Collection

    with Collection.open(path, read_only=True) as opened:
        return opened.items()[0].id
