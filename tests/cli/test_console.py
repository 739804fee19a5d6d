"""Plain lines, tables, and what the library logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.cli import console
from podoba.cli.console import printed_log
from podoba.images.record import Skipped
from podoba.images.sources.open import open_source


def test_names_cannot_break_the_terminal() -> None:
    assert console.printable("так 🐈") == "так 🐈"
    assert console.printable("a\nb\x1b[2J\udcff") == "a\\nb\\x1b[2J\\udcff"


def test_of_many_unreadable_images_the_first_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    console.say_skipped([Skipped(f"{i}.png", f"cut off after {i} bytes" if i % 5 else "empty") for i in range(25)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[0] == "skipped: 0.png: empty"
    assert lines[-1] == "skipped, 25 in all: 20 cut off after … bytes; 5 empty"


def test_two_parts_of_one_folder_say_what_is_beside_them_once(
    tmp_path: Path, picture: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for number, split in enumerate(("train", "test")):
        picture(tmp_path / "pets" / split / "cat" / "1.png", number)
    (tmp_path / "pets" / "film.mp4").touch()
    console.say_beside([open_source(f"{tmp_path}/pets:train"), open_source(f"{tmp_path}/pets:test")])
    lines = capsys.readouterr().err.splitlines()
    assert lines.count("note: passed over: 1 video (save frames of it as pictures)") == 1
    assert len(lines) == len(set(lines))


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


def test_the_log_is_printed_a_line_each_for_the_time_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("podoba.somewhere")
    with printed_log():
        logger.info("fetched %s\nonce", "a\x1b[2Jb")
        logger.debug("nobody asked")
    logger.info("too late")
    assert capsys.readouterr() == ("", "fetched a\\x1b[2Jb\\nonce\n")
    assert logging.getLogger("podoba").level == logging.NOTSET


def test_an_outcome_is_a_sentence_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_outcome(False, {"items": 3}, "3 items removed")
    assert capsys.readouterr() == ("", "3 items removed\n")
    console.print_outcome(True, {"items": 3}, "3 items removed")
    printed = capsys.readouterr()
    assert (json.loads(printed.out), printed.err) == ({"items": 3}, "")


@pytest.mark.parametrize(("answer", "expected"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_a_question_is_asked_at_a_terminal_alone(
    answer: str, expected: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO(answer)
    monkeypatch.setattr("sys.stdin", terminal)
    assert not console.confirmed("forget 3?")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert console.confirmed("forget 3?") is expected
    assert capsys.readouterr() == ("", "forget 3? [y/N] ")
