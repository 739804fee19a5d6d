"""What a search found, as CSV and as a page."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from podoba.collection.search.results import COLUMNS, Hit, SearchResult

RESULT = SearchResult(
    "q.jpg",
    [Hit(1, "a" * 16, "/a,\udcff.jpg", 'a "cat"', 0.75, 0.5), Hit(2, "b" * 16, "/b.jpg", None, -0.125, None)],
    True,
    0.1,
)


def test_csv_has_a_line_a_hit_and_all_digits() -> None:
    rows = list(csv.reader(io.StringIO(RESULT.to_csv())))
    assert rows[0] == list(COLUMNS)
    assert rows[1:] == [
        ["1", "a" * 16, "/a,\\udcff.jpg", 'a "cat"', "0.75", "0.5"],
        ["2", "b" * 16, "/b.jpg", "", "-0.125", ""],
    ]
    assert SearchResult("q.jpg", [], True, 0.1).to_csv() == ",".join(COLUMNS) + "\n"


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    RESULT.write_page(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text == RESULT.to_page()
    assert text.count("<figure") == 2
