"""What an update did, for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.cli.terminal.update_report import print_update
from podoba.collection.update.bring_up_to_date import UpdateReport
from podoba.collection.update.index import IndexReport
from podoba.images.record import Skipped


def test_counts_on_stdout_and_what_is_amiss_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    report = IndexReport("a.podoba", 9, 3, 2, 1, 4, 2, [Skipped("/bad.jpg", "the file is empty")], 1.26)
    print_update(Path("a.podoba"), UpdateReport(report, "no room"))
    printed = capsys.readouterr()
    assert printed.out == "a.podoba: 9 images seen, 3 added, 2 changed, 1 moved, 4 vanished, 2 unchanged, 1 skipped, 1.3 s\n"
    assert printed.err.splitlines() == ["skipped: /bad.jpg: the file is empty", "searching stays exact: no room"]
