"""Names below remote folders, in an order of their own."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Callable
from typing import Any

import fsspec.asyn
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


class PagedStore:
    """A store of as many names as asked for, which gives them as s3fs does: one after another, sorted."""

    def __init__(self, count: int) -> None:
        self.count, self.loop = count, fsspec.asyn.get_loop()

    def _strip_protocol(self, address: str) -> str:
        return address.partition("://")[2]

    async def _iterdir(self, bucket: str, delimiter: str, prefix: str) -> AsyncIterator[dict[str, Any]]:
        for number in range(self.count):
            yield {"name": f"{bucket}/{prefix}{number:09}.jpg", "size": 10, "type": "file", "ETag": f'"{number:032x}"'}


def test_of_pages_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podoba.images.remote.listing.filesystem", lambda address: PagedStore(20_500))
    tracemalloc.start()
    found = [hash(entry.path) for entry in files_below("s3://bucket/in")]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == len(set(found)) == 20_500
    assert peak < 6_000_000
