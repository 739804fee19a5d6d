"""Groups of duplicates for a person."""

from __future__ import annotations

import pytest

from podoba.cli.terminal.duplicate_groups import print_groups, say_moved
from podoba.collection.duplicates.move import MoveReport
from podoba.collection.duplicates.results import Copy, Duplicates, Group
from podoba.collection.storage.items import Item
from podoba.images.record import Skipped


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
    say_moved(MoveReport("/away", [("/a.jpg", "/away/a.jpg")], [Skipped("/b.jpg", "has changed")]))
    assert capsys.readouterr().err.splitlines() == [
        "left: /b.jpg: has changed",
        "1 files moved below /away; moved.csv there says where each came from; 1 left",
    ]
