"""A bucket of pictures, through an object store that answers as S3 does."""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from podoba.collection.collection import Collection
from podoba.images.locate import find_record
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.scale.encoding.encode import encode_shard
from podoba.scale.encoding.importing import import_folder
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.opening import records_of
from podoba.scale.shards.settings import ShardSettings

pytestmark = pytest.mark.scale

PROGRESS = re.compile(r"[\w ,]+: \d+/(\d+|\?)")
SMALL = ShardSettings(images=10)


@pytest.fixture
def stored(photos: Path, bucket: Callable[[], str]) -> str:
    """The address of a copy of the pictures, with an archive of them beside it."""
    (photos / "train" / "class-1" / "away.jpg").unlink()
    address = bucket()
    store = fsspec.filesystem("s3", use_listings_cache=False)
    for path in sorted(photos.rglob("*")):
        if path.is_file():
            store.pipe_file(f"{address}/photos/{path.relative_to(photos)}", path.read_bytes())
    with tarfile.open(photos.parent / "x.tar", "w") as archive:
        archive.add(photos, "photos")
    store.pipe_file(f"{address}/x.tar", (photos.parent / "x.tar").read_bytes())
    return address


def test_a_prefix_is_a_folder(stored: str, photos: Path) -> None:
    here, there = open_source(photos), open_source(f"{stored}/photos")
    facts = {record.uri.removeprefix(str(photos)): (record.label, record.split, record.open()) for record in here}
    assert {r.uri.removeprefix(f"{stored}/photos"): (r.label, r.split, r.open()) for r in there} == facts
    assert all(record.stamp for record in there)
    again = open_source(f"{stored}/photos/")
    assert again.fingerprint() == there.fingerprint()
    for address in (there.records[3].uri, open_source(f"{stored}/x.tar").records[3].uri):
        assert find_record(address).open().startswith(b"\x89PNG")


def test_shards_are_listed_encoded_and_imported(stored: str, model: Path, tmp_path: Path) -> None:
    shards = list(list_shards([f"{stored}/photos", f"{stored}/x.tar"], SMALL))
    uris = [record.uri for shard in shards for record in records_of(shard)]
    assert len(uris) == len(set(uris)) == 62 + 63  # an ignore file counts in a folder alone
    out = f"{stored}/descriptors"
    reports = [encode_shard(shard, str(model), out) for shard in shards]
    assert all(encode_shard(shard, str(model), out).was_there for shard in shards)
    assert sum(report.images for report in reports) == 61 + 62
    with Collection.open(tmp_path / "a.podoba", create=True) as collection:
        assert import_folder(collection.store, out).added == 61 + 62
        assert import_folder(collection.store, out).shards == 0
        again = collection.index_sources([open_source(f"{stored}/photos"), open_source(f"{stored}/x.tar")], Encoder(model, 1))
        assert (again.unchanged, again.added, again.changed, again.vanished) == (61 + 62, 0, 0, 0)


def test_a_changed_object_changes_its_shard_alone(stored: str) -> None:
    before = {shard.key for shard in list_shards([f"{stored}/photos"], SMALL)}
    store = fsspec.filesystem("s3", use_listings_cache=False)
    store.pipe_file(f"{stored}/photos/train/class-1/1.png", b"another")
    after = {shard.key for shard in list_shards([f"{stored}/photos"], SMALL)}
    assert len(after - before) == len(before - after) == 1


def test_an_object_that_is_gone_has_vanished(stored: str, model: Path, tmp_path: Path) -> None:
    store = fsspec.filesystem("s3", use_listings_cache=False)
    with Collection.open(tmp_path / "a.podoba", create=True) as collection:
        collection.index_sources([open_source(f"{stored}/photos")], Encoder(model, 1))
        store.rm_file(f"{stored}/photos/train/class-1/1.png")
        store.pipe_file(f"{stored}/photos/train/class-9/2.png", store.cat_file(f"{stored}/photos/train/class-2/2.png"))
        store.rm_file(f"{stored}/photos/train/class-2/2.png")
        report = collection.index_sources([open_source(f"{stored}/photos")], Encoder(model, 1))
        assert (report.vanished, report.moved, report.added, report.changed) == (1, 1, 0, 0)
        assert report.unchanged == 59


def test_commands_take_addresses(
    stored: str, model: Path, tmp_path: Path, podoba: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    made = podoba("index", tmp_path / "a.podoba", f"{stored}/photos", "--model", model)
    assert "62 images seen, 61 added" in made.stdout, made.stderr
    assert "61 unchanged" in podoba("index", tmp_path / "a.podoba", f"{stored}/photos").stdout
    for place, what in ((f"{stored}/none", "no picture is there"), ("s3://no-such-bucket-here/x", "not there")):
        failed = podoba("index", tmp_path / "b.podoba", place, "--model", model)
        assert failed.returncode == 1
        error = last_line(failed)
        assert error.startswith(f"error: {place}")
        assert what in error


def test_a_store_that_is_away_is_one_line(
    s3_server: str, podoba: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    failed = podoba("index", tmp_path / "a.podoba", "s3://bucket/x", timeout=120, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert failed.returncode == 1
    assert "error: s3://bucket/x: the store cannot be reached" in last_line(failed).replace("/.podobaignore", "")


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The error, which is one line; a busy machine may have said before it how far it is."""
    *before, error = done.stderr.splitlines()
    assert all(PROGRESS.match(line) for line in before), done.stderr
    return error
