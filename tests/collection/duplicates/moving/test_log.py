"""The list of what was moved: exact, whole lines, and one line of words where it is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from podoba.collection.duplicates.moving.log import COLUMNS, LOG, MovedFile, open_log, read_log
from podoba.errors import CollectionError

ROWS = [
    MovedFile("/a/1.jpg", "/b/1.jpg", "0" * 64, "", "/a"),
    MovedFile("/a/1.xmp", "/b/1.xmp", "1" * 64, "/a/1.jpg", "/a"),
    MovedFile('/a/odd\udcff, "name"\n;.jpg', "/b/київ.jpg", "2" * 64, "", "/a//split=train"),
    *(
        MovedFile(f"/a/{odd}.jpg", f"/b/{odd}.jpg", "3" * 64, "", "/a")
        for odd in ("\r", "a\r\nb", "\n", ' "', "\x85", "\u2028", ",", "'")
    ),
]


def test_lines_come_back_as_they_were_added(tmp_path: Path) -> None:
    for some in (ROWS[:2], ROWS[2:]):
        with open_log(tmp_path) as log:
            log.add(some)
    assert read_log(tmp_path / LOG) == ROWS
    assert (tmp_path / LOG).read_bytes().startswith(",".join(COLUMNS).encode() + b"\n")
    assert (tmp_path / LOG).read_bytes().count(b"sha256") == 1


def test_lines_that_cannot_be_written_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with open_log(tmp_path) as log:
        log.add(ROWS[:1])
    with open_log(tmp_path) as log, monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            log.add(ROWS[1:])
    assert read_log(tmp_path / LOG) == ROWS[:1]


def test_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.add(ROWS[:2])
    whole = (tmp_path / LOG).read_bytes()
    (tmp_path / LOG).write_bytes(whole[: whole.rindex(b"1" * 64) + 10])
    assert read_log(tmp_path / LOG) == ROWS[:1]


def test_columns_may_stand_in_another_order_and_beside_others(tmp_path: Path) -> None:
    (tmp_path / LOG).write_text("note,sha256,source,after,before,picture\nx,00,/a,/b/1.jpg,/a/1.jpg,\n")
    assert read_log(tmp_path / LOG) == [MovedFile("/a/1.jpg", "/b/1.jpg", "00", "", "/a")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/a/1.jpg,/b/1.jpg,00\n", "it has no column 'before'"),
        ("before,after,sha265,picture,source\n", "it has no column 'sha256': did you mean sha265?"),
        ("path,label\n1.jpg,cat\n", "no list of moved files"),
    ],
)
def test_another_table_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(CollectionError) as error:
        read_log(tmp_path / "x.csv")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_list_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"none\.csv: cannot be read .*: name the moved\.csv"):
        read_log(tmp_path / "none.csv")
    with pytest.raises(CollectionError, match="cannot be read"):
        read_log(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    assert read_log(tmp_path / "empty.csv") == []
