"""Results of a search where no terminal is."""

from __future__ import annotations

import pytest

from podoba.cli.terminal.search_results import print_hits
from podoba.collection.search.results import Hit, SearchResult


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
