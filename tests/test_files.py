"""Files are whole or as they were; names come back as they were."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podoba.files import (
    csv_text,
    distinct_names,
    found_below,
    from_name,
    is_address,
    new_folder_beside,
    read_bounded,
    replacing,
    reserve,
    shown,
    to_name,
    without_user,
    write_json,
    write_text,
)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "first\r\nїжак\n")
    assert path.read_bytes() == "first\r\nїжак\n".encode()
    with pytest.raises(TypeError), replacing(path) as draft:
        draft.write_text(3)  # type: ignore[arg-type]
    assert path.read_bytes() == "first\r\nїжак\n".encode()
    with replacing(path) as draft:
        draft.write_text("second")
    assert path.read_text() == "second"
    assert os.listdir(tmp_path) == ["a.txt"]
    with pytest.raises(OSError, match="missing"):
        write_text(tmp_path / "missing" / "a.txt", "x")


def test_json_is_readable_and_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"їжак": [1, None]})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"їжак": [1, None]}
    assert "їжак" in text
    assert text.endswith("}\n")
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == text


def test_a_file_is_read_within_a_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a")
    assert read_bounded(tmp_path / "a", 5) == read_bounded(str(tmp_path / "link"), 9) == b"12345"
    with pytest.raises(OSError, match="5 bytes, more than 4 are refused"):
        read_bounded(tmp_path / "a", 4)
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "b", 4)


def test_only_what_has_an_end_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))  # the name of a socket is short
        for name, expected in (("pipe", "a pipe"), ("zero", "a device"), ("socket", "a socket"), (".", "a folder")):
            with pytest.raises(OSError, match=f"{expected}, no file that can be read"):
                read_bounded(tmp_path / name, 1 << 30)


def test_a_draft_folder_lies_beside_what_it_becomes(tmp_path: Path) -> None:
    first, second = (new_folder_beside(tmp_path / "deep" / "set") for _ in range(2))
    assert first != second
    assert first.parent == second.parent == tmp_path / "deep"
    assert first.is_dir()
    assert not list(first.iterdir())


def test_room_is_reserved(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w+b") as file:
        reserve(file, 12_345, tmp_path)
        assert (tmp_path / "a").stat().st_size == 12_345
        reserve(file, 0, tmp_path)
        assert (tmp_path / "a").stat().st_size == 0


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="only there it is asked of the disk")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w+b") as file, pytest.raises(OSError) as caught:  # noqa: PT011
        reserve(file, 1 << 60, tmp_path)
    assert caught.value.filename in (str(tmp_path), None)


def test_names_that_are_no_utf8() -> None:
    odd = os.fsdecode(b"caf\xe9")
    assert (to_name("кіт"), from_name("кіт")) == ("кіт", "кіт")
    assert from_name(to_name(odd)) == odd
    assert shown(odd) == "caf\\udce9"
    assert shown("кіт") == "кіт"


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=4))
def test_csv_comes_back_whatever_the_names_hold(rows: list[list[str]]) -> None:
    text = csv_text(("one", "two"), rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["one", "two"], *rows]


def test_places_of_one_name_are_told_apart() -> None:
    places = [Path("a/photos.podoba"), Path("b/photos.podoba"), Path("c/photos"), Path("photos-2.podoba")]
    assert distinct_names(places) == {
        "photos": places[0], "photos-2": places[1], "photos-3": places[2], "photos-2-2": places[3],
    }  # fmt: skip


def test_only_what_lies_below_a_folder_is_found_there(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.txt").touch()
    (inside / "link.txt").symlink_to(inside / "a.txt")
    (inside / "away.txt").symlink_to(outside / "a.txt")
    (inside / "circle").symlink_to(inside / "circle")
    root = inside.resolve()
    assert found_below(inside / "link.txt", [root]) == root / "a.txt"
    assert found_below(inside / ".." / "outside" / "a.txt", [root, outside.resolve()]) == outside.resolve() / "a.txt"
    for name in ("away.txt", "circle", "missing.txt", "zero\0.txt", "../outside/a.txt"):
        assert found_below(inside / name, [root]) is None, name
    assert found_below(Path("~no-such-person/a.txt"), [root]) is None


def test_an_address_is_no_file() -> None:
    assert all(map(is_address, ["milvus://here:1/photos", "s3://bucket/photos"]))
    files: list[str | Path] = ["photos.podoba", "./a://b", "C:\\photos", Path("milvus://here/photos"), ""]
    assert not any(map(is_address, files))
    places: list[str | Path] = ["milvus://here/photos", Path("photos.podoba")]
    assert distinct_names(places) == {
        "photos": "milvus://here/photos",
        "photos-2": Path("photos.podoba"),
    }


def test_of_an_address_no_user_is_shown() -> None:
    assert without_user("milvus://me:p@ss@here:1/photos@2") == "milvus://here:1/photos@2"
    assert without_user("milvus://here:1/photos") == "milvus://here:1/photos"
    assert without_user("/home/me@here/photos.podoba") == "/home/me@here/photos.podoba"
