"""Remote files that are opened like local ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podoba.errors import SourceError
from podoba.images.remote.file import RemoteFile, opened, stamp_of_info

Put = Callable[[str, bytes], str]


def test_a_file_is_read_at_any_place_and_as_a_copy(put: Put, tmp_path: Path) -> None:
    file = RemoteFile(put("in/a.bin", bytes(range(100))))
    copy = file.copied_to(tmp_path / "copy")
    assert (copy.address, copy.stamp()) == (file.address, file.stamp())
    (tmp_path / "local").write_bytes(bytes(range(100)))
    for place in (file, copy, tmp_path / "local"):
        with opened(place) as one:
            one.seek(90)
            assert one.read(5) == bytes(range(90, 95))


def test_a_stamp_changes_with_the_bytes(put: Put) -> None:
    address = put("in/a.bin", b"one")
    before = RemoteFile(address).stamp()
    put("in/a.bin", b"two")
    assert RemoteFile(address).stamp() != before


def test_a_stamp_is_made_of_what_a_store_says() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert stamp_of_info({"size": 3, "ETag": '"abc"', "LastModified": moment}) == "3-abc"
    assert stamp_of_info({"size": 3, "LastModified": moment}) == f"3-{int(moment.timestamp()) * 10**9}"
    assert stamp_of_info({"size": 3, "mtime": 5.5}) == "3-5500000000"
    assert stamp_of_info({"size": 3}) is None


def test_a_file_that_is_gone_is_said(put: Put, tmp_path: Path) -> None:
    gone = RemoteFile(f"{put('a', b'x')}.gone")
    for work in (gone.open, gone.stamp, lambda: gone.copied_to(tmp_path / "copy")):
        with pytest.raises(SourceError, match=r"gone: not there"):
            work()
