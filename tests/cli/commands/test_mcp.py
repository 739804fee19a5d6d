"""`podoba mcp` where it cannot begin; its conversations are in tests/mcp."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    Collection.open(tmp_path / "empty.podoba", create=True).close()
    return tmp_path / "empty.podoba"


def test_a_missing_collection_and_a_missing_folder_are_one_line(podoba: Callable[..., Any], tmp_path: Path, empty: Path) -> None:
    gone = tmp_path / "gone"
    for arguments, words in (([gone], "no such collection"), ([empty, "--allow", gone], "no such folder")):
        done = podoba("mcp", *arguments)
        assert done.returncode == 1
        assert words in done.stderr
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def test_it_ends_with_its_input(podoba: Callable[..., Any], empty: Path) -> None:
    assert podoba("mcp", empty).returncode == 0
