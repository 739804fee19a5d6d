"""What a server acknowledged is remembered, whatever a crash left of the last line."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import CollectionError
from podoba.scale.vectors.loading.journal import Journal


def test_files_of_one_collection(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deep" / "a.loaded", "17")
    assert journal.files() == set()
    journal.note("one.parquet")
    journal.note("a name with blanks")
    assert Journal(tmp_path / "deep" / "a.loaded", "17").files() == {"one.parquet", "a name with blanks"}
    assert Journal(tmp_path / "deep" / "a.loaded", "1").files() == set()


def test_a_line_that_was_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.loaded"
    journal = Journal(path, "17")
    journal.note("one")
    with path.open("ab") as file:
        file.write(b"17 tw")
    assert journal.files() == {"one"}
    journal.note("three")
    assert journal.files() >= {"one", "three"}
    assert "two" not in journal.files()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CollectionError, match="cannot be written"):
        Journal(tmp_path / "file" / "a.loaded", "17").note("one")
