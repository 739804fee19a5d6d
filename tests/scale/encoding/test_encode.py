"""A shard becomes one file, once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from podoba.cache.reach import NetworkSettings
from podoba.errors import ModelError, SourceError, UnreadableImage
from podoba.images.remote.filesystem import StoreAway, asked
from podoba.models.encoder import Encoder
from podoba.scale.encoding.encode import encode_shard, open_once
from podoba.scale.encoding.outputs import output_name
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.settings import ShardSettings
from podoba.scale.shards.shard import Shard

SMALL = ShardSettings(images=10)
Write = Callable[[Path, int], Path]


def test_a_file_has_what_indexing_keeps_of_its_images(photos: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    reports = [encode_shard(shard, str(model), str(out)) for shard in list_shards([str(photos)], SMALL)]
    assert sum(report.images for report in reports) == 61
    assert sum(report.skipped for report in reports) == 1
    fingerprint = Encoder(model, 1).fingerprint
    for report in reports:
        assert Path(report.path).name == f"{output_name(fingerprint, report.key)}.parquet"
        table = pq.read_table(report.path)
        assert table.num_rows == report.images
        assert table.schema.names[:5] == ["id", "uri", "label", "descriptor", "attributes"]
        assert json.loads(table.schema.metadata[b"podoba"])["fingerprint"] == fingerprint
        for uri, content, size in zip(*(table[name].to_pylist() for name in ("uri", "content", "size")), strict=True):
            assert Path(uri).stat().st_size == size
            assert len(content) == 64


def test_what_is_there_is_not_done_again(photos: Path, model: Path, tmp_path: Path) -> None:
    shards = list(list_shards([str(photos)], SMALL))
    first = [encode_shard(shard, str(model), str(tmp_path / "out")) for shard in shards]
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    again = [encode_shard(shard, str(model), str(tmp_path / "out")) for shard in shards]
    assert [(one.key, one.images, one.skipped, one.path) for one in again] == [
        (one.key, one.images, one.skipped, one.path) for one in first
    ]
    assert all(one.was_there and not one.seconds for one in again)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == times


def test_a_shard_without_a_readable_image_is_done(tmp_path: Path, model: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"no picture")
    [shard] = list_shards([str(tmp_path / "photos")])
    report = encode_shard(shard, str(model), str(tmp_path / "out"))
    assert (report.images, report.skipped, report.was_there) == (0, 1, False)
    assert encode_shard(shard, str(model), str(tmp_path / "out")).was_there


def test_no_file_is_written_while_a_store_is_away(photos: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A skipped image would be missing for ever; one that is gone is skipped."""
    root, out = f"/{uuid4().hex}", photos.parent / "out"
    (photos / "train" / "class-1" / "away.jpg").unlink()
    store = fsspec.filesystem("memory")
    store.put(str(photos), root, recursive=True)
    [shard] = list_shards([f"memory:/{root}"])

    def away(address: str, work: Callable[[], object], *network: NetworkSettings) -> object:
        if address.endswith("/7.png"):
            raise StoreAway(f"{address}: the store cannot be reached")
        return asked(address, work, *network)

    monkeypatch.setattr("podoba.images.remote.reading.asked", away)
    with pytest.raises(SourceError, match=r"/7\.png: the store cannot be reached") as caught:
        encode_shard(shard, str(model), str(out))
    assert not isinstance(caught.value, UnreadableImage)
    assert not out.exists()
    monkeypatch.undo()
    store.rm(f"{root}/train/class-3/7.png")
    report = encode_shard(shard, str(model), str(out))
    assert (report.images, report.skipped) == (60, 2)


def test_a_model_that_is_not_on_this_machine_is_said(photos: Path, tmp_path: Path) -> None:
    [shard] = list_shards([str(photos)])
    with pytest.raises(ModelError, match=r"elsewhere\.onnx: no such model: .* \(on .*every machine that encodes\)"):
        encode_shard(shard, "/nowhere/elsewhere.onnx", str(tmp_path / "out"))


def test_a_model_is_opened_once_until_its_file_changes(model: Path) -> None:
    first = open_once(str(model))
    assert open_once(str(model)) is first
    os.utime(model, ns=(1, 1))
    assert open_once(str(model)) is not first


def test_a_source_that_is_gone_is_one_line(tmp_path: Path, model: Path) -> None:
    spec: dict[str, Any] = {"address": str(tmp_path / "a.tar"), "exclude": [], "place": "x", "wanted": None}
    with pytest.raises(SourceError, match=r"a\.tar: cannot be read"):
        encode_shard(Shard("x", "tar", spec, "0" * 64), str(model), str(tmp_path / "out"))


def test_descriptors_are_of_unit_length(photos: Path, model: Path, tmp_path: Path) -> None:
    [shard] = list_shards([f"{photos}:test"])
    table = pq.read_table(encode_shard(shard, str(model), str(tmp_path / "out")).path)
    descriptors = np.array(table["descriptor"].to_pylist(), dtype=np.float32)
    assert np.allclose(np.linalg.norm(descriptors, axis=1), 1)
