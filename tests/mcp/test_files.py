"""Files that may be named, and none beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import SourceError
from podoba.mcp.files import AllowedFiles


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An allowed folder with a link out of it, and a neighbour whose name begins like its own."""
    for name in ("allowed/below/a.png", "allowed-not/b.png", "secret/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "allowed" / "link.png").symlink_to(tmp_path / "secret" / "c.png")
    (tmp_path / "allowed" / "inner.png").symlink_to(tmp_path / "allowed" / "below" / "a.png")
    return tmp_path


def test_files_below_an_allowed_folder_are_found_also_by_links(tree: Path) -> None:
    files = AllowedFiles([tree / "allowed"])
    place = tree / "allowed" / "below" / "a.png"
    for name in (str(place), str(tree / "allowed" / "inner.png"), str(tree / "secret" / ".." / "allowed" / "below" / "a.png")):
        assert files.find(name) == place.resolve()


@pytest.mark.parametrize(
    "name",
    [
        "{0}/secret/c.png", "{0}/allowed/../secret/c.png", "{0}/allowed/link.png", "{0}/allowed-not/b.png", "{0}/allowed/below",
        "{0}/allowed/gone.png", "/etc/passwd", "a\0b", "~nobody-of-this-name/a.png", "x" * 5000, "",
    ],
)  # fmt: skip
def test_nothing_else_is_told_apart_from_what_is_not_there(tree: Path, name: str) -> None:
    with pytest.raises(SourceError, match="no such file among those that may be read"):
        AllowedFiles([tree / "allowed"]).find(name.format(tree))


def test_without_folders_nothing_may_be_named_and_that_is_said(tree: Path) -> None:
    with pytest.raises(SourceError, match="--allow"):
        AllowedFiles([]).find(str(tree / "allowed" / "below" / "a.png"))


def test_what_is_no_folder_cannot_be_allowed(tree: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        AllowedFiles([tree / "gone"])
