from __future__ import annotations

from podoba.report.study.read.measured import Measured
from podoba.report.study.show.repeat import repetition


def test_how_to_repeat(measured: Measured) -> None:
    data = repetition(measured)
    assert data["plan"].startswith("title: Digits\n")
    assert data["seeds"] == [0, 1]
    assert data["packages"]["torch"] == "2.14"
