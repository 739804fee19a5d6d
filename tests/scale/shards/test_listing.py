"""Sources into shards: every image once, by keys that change with what a shard holds."""

from __future__ import annotations

import os
import pickle
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podoba.errors import SourceError
from podoba.images.sources.open import open_source
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.opening import records_of
from podoba.scale.shards.settings import ShardSettings

SMALL = ShardSettings(images=8)
Write = Callable[[Path, int], Path]


@pytest.fixture
def sets(photos: Path) -> dict[str, str]:
    """The pictures in every form, by its name."""
    place = photos.parent / "sets"
    place.mkdir()
    for name in ("a.tar", "b.tar.gz"):
        with tarfile.open(place / name, "w:gz" if name.endswith("gz") else "w") as archive:
            archive.add(photos, "photos")
    os.remove(photos / "train" / "class-1" / "away.jpg")
    shutil.make_archive(str(place / "c"), "zip", photos)
    source = open_source(photos)
    lines = [f"{record.uri},{record.label},{record.split},{number}.0,0{number}" for number, record in enumerate(source)]
    (place / "d.csv").write_text("\n".join(["path,label,split,price,code", *lines]), encoding="utf-8")
    columns = {"image": [record.open() for record in source], "label": [1.0, *[None] * (len(source) - 1)]}
    pq.write_table(pa.table({**columns, "n": list(range(len(source)))}), place / "e.parquet", row_group_size=5)
    store, root = fsspec.filesystem("memory"), f"/{uuid4().hex[:8]}"
    store.put(str(photos), f"{root}/photos", recursive=True)
    store.put(str(place), f"{root}/sets", recursive=True)
    here = {name: str(place / name) for name in ("a.tar", "b.tar.gz", "c.zip", "d.csv", "e.parquet", "*.tar")}
    there = {f"remote {name}": f"memory:/{root}/sets/{name}" for name in here if name != "d.csv"}
    folders = {"folder": str(photos), "remote": f"memory:/{root}/photos", "split": f"{photos}:test", "one": source.records[0].uri}
    return {**here, **there, **folders, "remote split": f"memory:/{root}/photos:test", "digits": "digits", "part": "digits:test"}


def test_shards_have_every_record_of_every_source_once(sets: dict[str, str]) -> None:
    for name, source in sets.items():
        expected = {record.uri: record for record in open_source(source)}
        how = ShardSettings(images=90) if name in ("digits", "part") else SMALL  # each opens the whole set
        shards = [pickle.loads(pickle.dumps(shard)) for shard in list_shards([source], how)]
        found = [record for shard in shards for record in records_of(shard)]
        assert Counter(record.uri for record in found) == dict.fromkeys(expected, 1), name
        assert {record.uri: record for record in found} == expected, name
        assert len({shard.key for shard in shards}) == len(shards), name
        assert all(shard.source == source.removesuffix(":test") and len(shard.key) == 64 for shard in shards), name
        assert len(shards) > 3 or ".tar" in name or name in ("*.tar", "remote *.tar", "one", "split", "remote split"), name
        for shard in shards:
            for record in records_of(shard):
                assert record.open() == expected[record.uri].open()
                break


def test_listing_again_gives_the_same_shards(sets: dict[str, str]) -> None:
    for name, source in sets.items():
        assert list(list_shards([source], SMALL)) == list(list_shards([source], SMALL)), name
    both = list(list_shards([sets["folder"], sets["a.tar"]], SMALL))
    assert both == [*list_shards([sets["folder"]], SMALL), *list_shards([sets["a.tar"]], SMALL)]


def test_a_changed_file_changes_the_key_of_its_shard_alone(photos: Path, write: Write) -> None:
    before = list(list_shards([str(photos)], SMALL))
    changed = write(photos / "train" / "class-1" / "1.png", 999)
    os.utime(changed, ns=(1, 1))
    after = list(list_shards([str(photos)], SMALL))
    assert len(after) == len(before) > 5
    assert len({shard.key for shard in after} - {shard.key for shard in before}) == 1
    write(photos / "train" / "class-1" / "1-new.png", 998)
    later = {shard.key for shard in list_shards([str(photos)], SMALL)}
    assert 1 <= len(later - {shard.key for shard in after}) <= 2


def test_a_changed_label_changes_a_key(photos: Path) -> None:
    place = photos.parent / "list.csv"
    place.write_text("path,label\na.jpg,cat\n", encoding="utf-8")
    before = [shard.key for shard in list_shards([str(place)])]
    place.write_text("path,label\na.jpg,dog\n", encoding="utf-8")
    assert [shard.key for shard in list_shards([str(place)])] != before


def test_what_is_not_there_is_said(photos: Path) -> None:
    for source in (f"{photos}-gone", f"{photos}/*.tar", "memory://nowhere/photos", f"{photos}:validation", "cifar11"):
        with pytest.raises(SourceError) as caught:
            list(list_shards([source]))
        assert "\n" not in str(caught.value)
