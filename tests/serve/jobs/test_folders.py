"""Folders that may be indexed, and none beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from podoba.serve.jobs.folders import AllowedFolders
from podoba.serve.jobs.settings import JobSettings
from podoba.serve.problems import Problem


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An allowed folder, with links out of it, hidden folders, and a neighbour whose name begins like its own."""
    allowed = tmp_path / "allowed"
    for name in ("summer/beach", "Winter", ".hidden", "весна"):
        (allowed / name).mkdir(parents=True)
    for name in ("a.jpg", "b.PNG", "notes.txt", ".c.jpg"):
        (allowed / "summer" / name).touch()
    (tmp_path / "allowed-not").mkdir()
    (tmp_path / "secret").mkdir()
    (allowed / "link").symlink_to(tmp_path / "secret")
    (allowed / "inner-link").symlink_to(allowed / "summer")
    return allowed


def test_what_is_allowed_is_listed(tree: Path) -> None:
    folders = AllowedFolders([tree, tree / "gone"])
    (root,) = folders.roots()
    assert (root.root, root.path, root.name, root.folders) == (0, "", "allowed", 3)
    listing = folders.listing(0, "")
    assert [(one.name, one.path, one.pictures, one.folders) for one in listing.folders] == [
        ("summer", "summer", 2, 1), ("Winter", "Winter", 0, 0), ("весна", "весна", 0, 0),
    ]  # fmt: skip
    below = folders.listing(0, "summer")
    assert (below.folder.pictures, [one.path for one in below.folders]) == (2, ["summer/beach"])
    assert str(tree.parent) not in str(listing.to_json())


def test_a_link_may_lead_to_what_is_allowed_and_not_beyond(tree: Path) -> None:
    folders = AllowedFolders([tree])
    assert folders.place(0, "inner-link") == tree / "summer"
    with pytest.raises(Problem):
        folders.place(0, "link")


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../secret",
        "summer/../../secret",
        "../allowed-not",
        "/etc",
        "summer/a.jpg",
        "gone",
        "a\0b",
        "~",
        "x" * 5000,
        "link/..",
    ],
)
def test_nothing_outside_is_told_apart_from_what_is_not_there(tree: Path, path: str) -> None:
    folders = AllowedFolders([tree])
    for ask in (folders.listing, folders.place):
        with pytest.raises(Problem) as refused:
            ask(0, path)
        assert (refused.value.status, refused.value.code) == (404, "unknown_folder")


@pytest.mark.parametrize("root", [1, -1, 10**9])
def test_other_numbers_name_no_folder(tree: Path, root: int) -> None:
    with pytest.raises(Problem):
        AllowedFolders([tree]).place(root, "")


def test_names_that_are_no_text_are_left_out_and_many_are_counted(tree: Path) -> None:
    os.mkdir(os.fsencode(tree) + b"/summer/\xff")
    folders = AllowedFolders([tree], JobSettings(shown_folders=2))
    assert [one.name for one in folders.listing(0, "summer").folders] == ["beach"]
    assert (len(folders.listing(0, "").folders), folders.listing(0, "").more) == (2, 1)
