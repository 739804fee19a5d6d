"""What is left out by its name: alike for a file that is met on the way, and for one that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import SourceError
from podoba.images.sources.exclude import IGNORE_FILE, SYSTEM_FOLDERS, Exclusion, read_ignore_file


@pytest.mark.parametrize("name", [*sorted(SYSTEM_FOLDERS), "@EADIR", "Lost+Found", "$RECYCLE.BIN", ".hidden", ".Trashes"])
def test_folders_of_systems_are_left_out_with_all_below(name: str) -> None:
    exclusion = Exclusion()
    assert exclusion.hides_folder(f"a/{name}", name)
    assert exclusion.hides(f"a/{name}/b/c.jpg")
    assert not exclusion.hides(f"a/{name}.jpg") or name.startswith(".")  # only folders are called so


PATTERNS = {
    "*.thumb.jpg": (["a.thumb.jpg", "x/y/b.thumb.jpg"], ["a.jpg", "thumb.jpg"]),
    "drafts/": (["drafts/a.jpg", "x/drafts/y/a.jpg"], ["drafts.jpg", "x/drafts"]),
    "/top": (["top/a.jpg", "top"], ["x/top/a.jpg"]),
    "a/**/raw": (["a/raw/1.jpg", "a/b/c/raw/1.jpg"], ["raw/1.jpg", "a/rawer/1.jpg"]),
    "IMG_000?.JPG": (["IMG_0001.JPG", "x/IMG_0009.JPG"], ["IMG_0010.JPG", "img_0001.jpg"]),
    "# a remark": ([], ["# a remark", "a"]),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_are_those_of_gitignore(pattern: str) -> None:
    hidden, shown = PATTERNS[pattern]
    exclusion = Exclusion([pattern])
    assert [path for path in [*hidden, *shown] if exclusion.hides(path)] == hidden


def test_what_a_later_pattern_takes_in_again() -> None:
    exclusion = Exclusion(["/2019/*", "!/2019/best/", "!/2019/one.jpg"])
    assert [exclusion.hides(path) for path in ("2019/a.jpg", "2019/one.jpg", "2019/best/a.jpg", "2019/x/one.jpg")] == [
        True, False, False, True,
    ]  # fmt: skip


def test_a_pattern_that_is_none_and_a_file_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a pattern of what is left out is not understood"):
        Exclusion(["!"])
    assert read_ignore_file(tmp_path) == []
    (tmp_path / IGNORE_FILE).write_text("*.tmp.jpg\n\nраки/\n", encoding="utf-8-sig")
    assert read_ignore_file(tmp_path) == ["*.tmp.jpg", "", "раки/"]
    (tmp_path / IGNORE_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match=r"\.podobaignore: cannot be read .* save it as UTF-8"):
        read_ignore_file(tmp_path)
