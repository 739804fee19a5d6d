"""Folders: classes by their first sub-folder, odd entries named."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

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


def test_only_files_are_pictures_whatever_their_names(folder: Path) -> None:
    os.mkfifo(folder / "cat" / "pipe.jpg")
    (folder / "cat" / "zero.png").symlink_to("/dev/zero")
    (folder / "cat" / "null").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "cat" / "socket.gif"))
        source = open_folder(folder)
        for name in ("pipe.jpg", "zero.png", "socket.gif"):
            with pytest.raises(SourceError, match="no file that can be read"):
                open_source(folder / "cat" / name)
    assert len(source) == 6
    assert {Path(problem.uri).name: problem.reason for problem in source.problems} == {
        "pipe.jpg": "a pipe, no file that can be read",
        "zero.png": "a device, no file that can be read",
        "socket.gif": "a socket, no file that can be read",
    }  # fmt: skip


def test_folders_may_be_nested_as_deep_as_a_path_is_long(tmp_path: Path, png: Callable[..., bytes]) -> None:
    folders = [tmp_path]
    for _ in range(1500):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "a.png").write_bytes(png())
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "b.png").write_bytes(png())
    source = open_folder(tmp_path)
    assert [(record.uri, record.label) for record in source] == [(str(folders[-1] / "a.png"), "d"), (f"{tmp_path}/e/b.png", "e")]
    assert source.problems == []
    (folders[-1] / "a.png").unlink()
    for place in reversed(folders[1:]):  # pytest's own cleaning is recursive
        place.rmdir()


def test_loops_of_links_end(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "a" / "to b").symlink_to(folder / "b")
    (folder / "b" / "to a").symlink_to(folder / "a")
    (folder / "cat" / "up").symlink_to("..")
    source = open_folder(folder)
    assert len(source) == 6
    assert {row.reason for row in source.problems} == {"a link back into a folder already read"}


def test_pictures_without_an_ending_are_known_by_their_first_bytes(folder: Path, png: Callable[..., bytes]) -> None:
    for name, kind in (("IMG_0001", "JPEG"), ("IMG_2", "WEBP"), ("3", "BMP"), ("4", "TIFF"), ("5", "GIF"), ("6", "PNG")):
        Image.new("RGB", (9, 9)).save(folder / "cat" / name, kind)
    (folder / "cat" / "README").write_text("BM is no bitmap, and this is no picture\n")
    (folder / "cat" / "empty").touch()
    (folder / "cat" / "x.part").write_bytes(png())
    source = open_folder(folder)
    assert [Path(record.uri).name for record in source][:9] == [
        "0.png", "1.png", "2.png", "3", "4", "5", "6", "IMG_0001", "IMG_2",
    ]  # fmt: skip
    assert source.problems == []
    assert len(open_source(folder / "cat" / "IMG_0001")) == 1
    with pytest.raises(SourceError, match="not a kind of source"):
        open_source(folder / "cat" / "README")


def test_what_is_passed_over_is_counted_by_kind_with_what_to_do(folder: Path) -> None:
    for name in ("a.svg", "b.SVG", "c.mov", "d.mp4", "e.raf", "notes.txt", "f.mts"):
        (folder / "dog" / name).touch()
    source = open_folder(folder)
    assert source.beside.passed_over == {"drawing": 2, "video": 3, "raw photograph": 1}
    assert source.beside.in_words() == [
        "passed over: 2 drawings (save as PNG)",
        "passed over: 3 videos (save frames of it as pictures)",
        "passed over: 1 raw photograph (save as DNG or JPEG)",
    ]
    with pytest.raises(SourceError, match=r"a\.svg: drawing is not read: save as PNG"):
        open_source(folder / "dog" / "a.svg")


def test_what_systems_and_patterns_leave_out_is_counted(folder: Path, png: Callable[..., bytes]) -> None:
    left_out = ("@eaDir/a.png", "#recycle/b.png", "$RECYCLE.BIN/c.png", "cat/__MACOSX/d.png", "lost+found/e.png")
    hidden = (".thumbnails/f.png", ".Trashes/g.png")
    named = ("drafts/h.png", "dog/i.thumb.png", "dog/raw/j.png", "raw.png")
    for name in (*left_out, *hidden, *named):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png())
    assert len(open_folder(folder)) == 6 + len(named)
    assert open_folder(folder).beside.excluded == len(left_out)
    source = open_source(folder, exclude=["*.thumb.png", "drafts/", "/dog/raw"])
    assert sorted(Path(record.uri).name for record in source if record.label is None) == ["raw.png"]
    assert (len(source), source.beside.excluded) == (7, len(left_out) + 3)
    excluded = [name for name in (*left_out, *hidden, *named) if source.beside.excludes(f"{folder}/{name}")]
    assert excluded == [*left_out, *hidden, *named[:3]]
    assert not source.beside.excludes("/elsewhere/drafts/h.png")
    (folder / ".podobaignore").write_text("# my own\n*.thumb.png\ndrafts/\n\n/dog/*\n!/dog/0.png\n")
    assert [Path(record.uri).name for record in open_folder(folder)] == ["0.png", "1.png", "2.png", "0.png", "raw.png"]


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


def test_a_picture_has_the_path_of_its_own_folder_before_that_of_a_link(folder: Path, picture: Callable[..., Path]) -> None:
    picture(folder / "zebra" / "stripes.png", 9)
    (folder / "a link").symlink_to("zebra")
    (folder / "cat" / "a link").symlink_to("../zebra")
    source = open_folder(folder)
    striped = [(record.uri, record.label) for record in source.records if "stripes" in record.uri]
    assert striped == [(str(folder / "zebra" / "stripes.png"), "zebra")]
    assert sorted(row.uri for row in source.problems if "already read" in row.reason) == [
        str(folder / "a link"),
        str(folder / "cat" / "a link"),
    ]
