"""Shards opened where they are worked on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest

from podoba.errors import SourceError
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.opening import open_shard, records_of
from podoba.scale.shards.shard import Shard


def test_a_shard_says_where_its_images_are_found(photos: Path) -> None:
    [shard] = list_shards([f"{photos}:test"])
    with open_shard(shard) as opened:
        assert opened.place == f"{photos}//split=test"
        assert {record.split for record in opened.records} == {"test"}


def test_names_without_an_ending_are_looked_into_where_they_are_read(photos: Path) -> None:
    root = f"/{uuid4().hex[:8]}"
    (photos / "train" / "class-1" / "away.jpg").unlink()
    fsspec.filesystem("memory").put(str(photos / "train"), root, recursive=True)
    [shard] = list_shards([f"memory:/{root}"])
    uris = [record.uri for record in records_of(shard)]
    assert f"memory:/{root}/class-1/plain" in uris
    assert f"memory:/{root}/class-1/text" not in uris
    assert shard.count == len(uris) + 1


def test_an_archive_that_is_gone_or_damaged_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.tar").write_bytes(b"no archive" * 100)
    for address in (str(tmp_path / "bad.tar"), str(tmp_path / "gone.tar"), "memory://none/gone.tar"):
        spec: dict[str, Any] = {"address": address, "exclude": [], "place": address, "wanted": None}
        with pytest.raises(SourceError, match=r"\.tar") as caught:
            list(records_of(Shard(address, "tar", spec, "0" * 64)))
        assert "\n" not in str(caught.value)
