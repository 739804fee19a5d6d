"""A file has its new name before it loses the old one, and nothing is written over."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from podoba.collection.duplicates.moving.files import Stays, look_at, put, put_together, sha256_of

CONTENT = hashlib.sha256(b"picture").hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(b"picture")
    return tmp_path / "a.jpg"


def no_links(*_: object) -> None:
    raise OSError("no links here")


def test_a_file_is_seen_as_it_is(source: Path) -> None:
    seen = look_at(source, with_data=True)
    assert (seen.data, seen.content) == (b"picture", CONTENT)
    assert look_at(source) == replace(seen, data=b"")
    assert seen.identity == (source.stat().st_dev, source.stat().st_ino)
    assert sha256_of(source) == CONTENT


def test_what_is_no_regular_file_stays(source: Path, tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(source)
    os.mkfifo(tmp_path / "fifo.jpg")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s.jpg"))
    server.close()
    for name, reason in {
        "link.jpg": "a link", "fifo.jpg": "no regular file", "s.jpg": "no regular file", "": "no regular file",
        "none.jpg": "cannot be read",
    }.items():  # fmt: skip
        for with_data in (False, True):
            with pytest.raises(Stays, match=reason):
                look_at(tmp_path / name, with_data=with_data)


@pytest.mark.parametrize("links", [True, False])
def test_a_second_name_or_a_copy(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr("os.link", no_links)
    os.utime(source, (1, 2))
    for name in ("a.jpg", "a-1.jpg"):
        assert put_together([(source, CONTENT)], tmp_path / "away" / "a.jpg") == [tmp_path / "away" / name]
    for name in ("a.jpg", "a-1.jpg"):
        assert (tmp_path / "away" / name).read_bytes() == b"picture"
        assert (tmp_path / "away" / name).stat().st_mtime == 2
        assert os.path.samefile(source, tmp_path / "away" / name) == links
    with pytest.raises(FileExistsError):
        put(source, tmp_path / "away" / "a.jpg", CONTENT)
    assert source.exists()


@pytest.mark.parametrize("links", [True, False])
def test_other_bytes_than_those_that_were_seen_leave_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr("os.link", no_links)
    with pytest.raises(OSError, match="does not hold what was read"):
        put(source, tmp_path / "b.jpg", "0" * 64)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]
