"""Folders: classes by their first sub-folder, odd entries named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import SourceError
from podoba.images.sources.folder import open_file, open_folder
from podoba.images.sources.open import open_source


def test_odd_entries_are_listed_not_fatal(folder: Path, png: Callable[..., bytes]) -> None:
    (folder / "cat" / "dir.png").mkdir()
    (folder / "cat" / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "cat" / "loop").symlink_to(folder)
    (folder / "cat" / "self.png").symlink_to("self.png")
    (folder / "кіт").mkdir()
    for name in ("кошеня.png", "🐈.png", "new\nline.png", "x" * 251 + ".png"):
        (folder / "кіт" / name).write_bytes(png())
    source = open_source(folder)
    assert len(source) == 10
    assert {Path(p.uri).name for p in source.problems} == {"dir.png", "gone.png", "loop", "self.png"}
    assert all(p.reason for p in source.problems)


def test_the_class_is_the_first_folder_and_hidden_ones_are_left_out(folder: Path, png: Callable[..., bytes]) -> None:
    for name in ("cat/deep/er/9.JPG", ".hidden/1.png", "cat/.2.png", "cat/notes.txt", "top.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png())
    source = open_folder(folder)
    assert [(Path(record.uri).name, record.label) for record in source] == [
        ("0.png", "cat"), ("1.png", "cat"), ("2.png", "cat"), ("9.JPG", "cat"), ("0.png", "dog"), ("1.png", "dog"),
        ("2.png", "dog"), ("top.png", None),
    ]  # fmt: skip
    assert source.problems == []


def test_one_file_is_a_source_of_one(folder: Path) -> None:
    source = open_file(folder / "cat" / "0.png")
    assert ([record.uri for record in source], source.labels) == ([str(folder / "cat" / "0.png")], [None])
    (folder / "a.doc").touch()
    with pytest.raises(SourceError, match="not a kind of source"):
        open_file(folder / "a.doc")
