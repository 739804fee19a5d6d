"""Names below remote folders, in an order of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from podoba.errors import SourceError
from podoba.images.remote.listing import children_of, files_below

Put = Callable[[str, bytes], str]
NAMES = ("a.jpg", "a/x.jpg", "a/deep/er/y.jpg", "b/.hidden", "ab/z.jpg")


def filled(put: Put) -> str:
    """The address of a folder with files of these names."""
    for name in NAMES:
        address = put(f"in/{name}", b"x").removesuffix(f"/{name}")
    return address


def test_every_file_is_listed_once_in_order(put: Put) -> None:
    root = filled(put)
    put("inside/no.jpg", b"x")
    found = [entry.path for entry in files_below(root)]
    assert sorted(found) == sorted(NAMES)
    assert found == [entry.path for entry in files_below(f"{root}/")]
    assert {entry.size for entry in files_below(root)} == {1}


def test_children_are_those_of_one_folder(put: Put) -> None:
    root = filled(put)
    assert [(entry.path, entry.is_folder) for entry in children_of(root)] == [
        ("a", True), ("a.jpg", False), ("ab", True), ("b", True)
    ]  # fmt: skip
    assert [(entry.path, entry.is_folder) for entry in children_of(root, "a/")] == [("a/deep", True), ("a/x.jpg", False)]


def test_a_folder_that_is_not_there_is_said(put: Put) -> None:
    with pytest.raises(SourceError, match="not there"):
        list(files_below(put("x", b"") + "-gone"))
