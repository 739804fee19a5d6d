"""What the commands of a collection print where no terminal is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podoba.cli.terminal.collections import (
    print_groups,
    print_hits,
    print_marks,
    print_update,
    say_itself,
    say_moved,
    say_undone,
)
from podoba.collection.duplicates.moving.move import MoveReport
from podoba.collection.duplicates.moving.undo import UndoReport
from podoba.collection.duplicates.results import Copy, Duplicates, Group
from podoba.collection.search.results import Hit, SearchResult
from podoba.collection.storage.items import Item, ItemName
from podoba.collection.storage.marks import Mark
from podoba.collection.update.bring_up_to_date import UpdateReport
from podoba.collection.update.index import IndexReport
from podoba.images.record import Skipped


def test_a_pipe_gets_plain_lines_with_whole_paths(capsys: pytest.CaptureFixture[str]) -> None:
    hits = [Hit(1, "a" * 16, "/photos/" + "long/" * 30 + "a.jpg", "cat", 0.75, 0.5), Hit(2, "b" * 16, "/b.jpg", None, -0.1, None)]
    print_hits(SearchResult("q.jpg", hits, True, 0.1))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["similarity", "probability", "label", "image", "id"]
    assert lines[2].split() == ["1", "0.7500", "0.500", "cat", "/photos/" + "long/" * 30 + "a.jpg", "a" * 16]
    assert lines[3].split() == ["2", "-0.1000", "/b.jpg", "b" * 16]


def test_nothing_found_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    print_hits(SearchResult("q.jpg", [], True, 0.1))
    assert capsys.readouterr() == ("", "nothing similar was found\n")


def test_the_query_itself_is_named_unless_it_was_asked_with_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    own = [ItemName(f"{i:016x}", f"/{i}.jpg", None) for i in range(25)]
    result = SearchResult("q.jpg", [Hit(1, own[0].id, "/0.jpg", None, 1.0, None)], True, 0.1, itself=own)
    say_itself(result, {own[1].id})
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == [
        f"itself: /0.jpg ({own[0].id}): result 1",
        f"itself: /2.jpg ({own[2].id}): no result; --with-itself lists it",
    ]
    assert (len(lines), lines[-1]) == (21, "itself, 24 in all: items of the same bytes")
    say_itself(SearchResult("q.jpg", [], True, 0.1), set())
    assert capsys.readouterr().err == ""


def copy_of(name: str, kind: str, reason: str, kept: bool = False) -> Copy:
    return Copy(Item(name, f"/{name}.jpg", "/", None, "", 1, None, 1, 1, "JPEG", {}), reason, kind, kept)


def test_what_is_kept_comes_first_and_copies_are_counted_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    copies = [copy_of("b", "identical", "identical bytes"), copy_of("c", "near", "similar"), copy_of("d", "near", "similar")]
    print_groups(Duplicates([Group("near", copy_of("a", "near", "the largest", True), copies)]))
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "near: /a.jpg (a), the largest",
        "    /b.jpg (b): identical bytes",
        "    /c.jpg (c): similar",
        "    /d.jpg (d): similar",
    ]
    assert printed.err == "1 groups; beside what is kept 3 copies: 1 identical, 2 near\n"


def test_no_groups(capsys: pytest.CaptureFixture[str]) -> None:
    print_groups(Duplicates([]))
    assert capsys.readouterr() == ("", "no duplicates\n")


def test_what_was_not_moved_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    companions = [("/a.xmp", "/away/a.xmp")]
    say_moved(MoveReport("/away", [("/a.jpg", "/away/a.jpg")], [Skipped("/b.jpg", "has changed")], companions))
    assert capsys.readouterr().err.splitlines() == [
        "left: /b.jpg: has changed",
        "moved with its picture: /a.xmp",
        "1 files moved and 1 that belong to them below /away; moved.csv there says where each came from; 1 left",
    ]
    say_moved(MoveReport("/away", [("/a.jpg", "/away/a.jpg")]))
    assert capsys.readouterr().err == "1 files moved below /away; moved.csv there says where each came from; 0 left\n"


def test_what_was_not_put_back_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    say_undone(UndoReport(["/my photos/a.jpg"], 2, [Skipped("/away/b.jpg", "no longer there")], ["/my photos"]), Path("c.podoba"))
    assert capsys.readouterr().err.splitlines() == [
        "left: /away/b.jpg: no longer there",
        "1 files put back, 2 were back already, 1 left",
        "to have them in the collection again: podoba index c.podoba '/my photos'",
    ]
    say_undone(UndoReport(already=3), Path("c.podoba"))
    assert capsys.readouterr().err == "0 files put back, 3 were back already, 0 left\n"


def mark_of(query: str, id_: str | None, right: bool) -> Any:
    return Mark(query, f"{query}.jpg", "c" * 64, "/a.jpg", id_, right, "2021-05-04T12:30:01", "small")


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


def test_counts_on_stdout_and_what_is_amiss_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    report = IndexReport("a.podoba", 9, 3, 2, 1, 4, 2, [Skipped("/bad.jpg", "the file is empty")], 1.26)
    print_update(Path("a.podoba"), UpdateReport(report, "no room"))
    printed = capsys.readouterr()
    assert printed.out == "a.podoba: 9 images seen, 3 added, 2 changed, 1 moved, 4 vanished, 2 unchanged, 1 skipped, 1.3 s\n"
    assert printed.err.splitlines() == ["skipped: /bad.jpg: the file is empty", "searching stays exact: no room"]
