"""A folder of shards gives the collection that indexing would have made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.scale.encoding.current import note_listing
from podoba.scale.encoding.encode import encode_shard
from podoba.scale.encoding.importing import import_folder
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.settings import ShardSettings

SMALL = ShardSettings(images=10)
Write = Callable[[Path, int], Path]


def encode(source: str, model: Path, out: Path | str) -> list[str]:
    """Names of the files of a source's shards."""
    reports = [encode_shard(shard, str(model), str(out)) for shard in list_shards([source], SMALL)]
    return [report.path.rpartition("/")[2].removesuffix(".parquet") for report in reports]


def items_of(collection: Collection) -> dict[str, Item]:
    return {item.id: item for item in collection.store.items.select()}


@pytest.fixture
def sources(photos: Path) -> dict[str, str]:
    """The pictures in every form, by its name."""
    place = photos.parent / "sets"
    place.mkdir()
    with tarfile.open(place / "a.tar", "w") as archive:
        archive.add(photos, "photos")
    os.remove(photos / "train" / "class-1" / "away.jpg")
    shutil.make_archive(str(place / "b"), "zip", photos)
    source = open_source(photos)
    lines = [f"{record.uri},{record.label},{number},0{number},text {number}" for number, record in enumerate(source)]
    (place / "c.csv").write_text("\n".join(["path,label,price,code,note", *lines, "gone.jpg,cat"]), encoding="utf-8")
    table = pa.table({"image": [record.open() for record in source], "label": [record.label for record in source]})
    pq.write_table(table, place / "d.parquet", row_group_size=20)
    root = f"/{uuid4().hex}"
    fsspec.filesystem("memory").put(str(photos), root, recursive=True)
    here = {name: str(place / name) for name in ("a.tar", "b.zip", "c.csv", "d.parquet")}
    return {**here, "folder": str(photos), "split": f"{photos}:train", "remote": f"memory:/{root}"}


@pytest.mark.parametrize("form", ["folder", "split", "a.tar", "b.zip", "c.csv", "d.parquet", "remote"])
def test_the_collection_is_that_of_indexing(form: str, sources: dict[str, str], model: Path, tmp_path: Path) -> None:
    encoder, source = Encoder(model, 1), sources[form]
    encode(source, model, tmp_path / "out")
    with (
        Collection.open(tmp_path / "indexed.podoba", create=True) as indexed,
        Collection.open(tmp_path / "imported.podoba", create=True) as imported,
    ):
        indexed.index_sources([open_source(source)], encoder)
        report = import_folder(imported.store, str(tmp_path / "out"))
        assert report.added == report.rows == len(indexed)
        assert items_of(imported) == items_of(indexed)
        assert imported.store.skipped.select() == indexed.store.skipped.select()
        assert imported.store.models.facts() == indexed.store.models.facts()
        for id_ in items_of(indexed):
            one, other = (collection.store.descriptors.get(id_) for collection in (indexed, imported))
            assert np.abs(one - other).max() < 1e-6
        again = imported.index_sources([open_source(source)], encoder)
        assert (again.added, again.changed, again.moved, again.vanished) == (0, 0, 0, 0)
        assert again.unchanged == len(indexed)
        assert items_of(imported) == items_of(indexed)


def test_a_folder_given_again_adds_nothing(photos: Path, model: Path, tmp_path: Path) -> None:
    encode(str(photos), model, tmp_path / "out")
    with Collection.open(tmp_path / "a.podoba", create=True) as collection:
        first = import_folder(collection.store, str(tmp_path / "out"))
        before = items_of(collection)
        again = import_folder(collection.store, str(tmp_path / "out"))
        assert (first.known, again.shards, again.known, again.rows, again.added) == (0, 0, first.shards, 0, 0)
        assert first.to_json()["skipped"] == [
            {"uri": f"{photos}/train/class-1/damaged.jpg", "reason": "not an image of a known format"}
        ]
        whole = import_folder(collection.store, str(tmp_path / "out"), again=True)
        assert (whole.added, whole.replaced) == (0, len(before))
        assert items_of(collection) == before
        assert collection.check() == []


def test_an_image_that_changed_is_replaced_and_what_is_stale_left_out(
    photos: Path, model: Path, tmp_path: Path, write: Write
) -> None:
    out, changed = tmp_path / "out", photos / "train" / "class-1" / "1.png"
    encode(str(photos), model, out)
    with Collection.open(tmp_path / "a.podoba", create=True) as collection:
        import_folder(collection.store, str(out))
        write(changed, 999)
        (photos / "train" / "class-1" / "13.png").unlink()
        time.sleep(0.02)
        names = encode(str(photos), model, out)
        report = import_folder(collection.store, str(out))
        assert report.added == 0
        assert 1 <= report.shards <= 2
        items = {item.uri: item for item in items_of(collection).values()}
        assert items[str(changed)].size == changed.stat().st_size
        assert len(items) == 61
    note_listing(str(out), [str(photos)], Encoder(model, 1).fingerprint, names)
    with Collection.open(tmp_path / "b.podoba", create=True) as collection:
        report = import_folder(collection.store, str(out))
        assert 1 <= report.stale <= 2
        assert len(collection) == 60


def test_a_picture_that_was_damaged_later_is_forgotten_and_noted(photos: Path, model: Path, tmp_path: Path, write: Write) -> None:
    out, changed = tmp_path / "out", photos / "train" / "class-1" / "1.png"
    with Collection.open(tmp_path / "a.podoba", create=True) as collection:
        for data in (None, b"no picture", changed.read_bytes()):
            if data is not None:
                changed.write_bytes(data)
            encode(str(photos), model, out)
            import_folder(collection.store, str(out))
            is_noted = str(changed) in collection.store.skipped.select()
            assert is_noted == (data == b"no picture")
            assert len(collection) == 61 - is_noted
            time.sleep(0.02)


def test_what_is_no_folder_of_shards_is_said(tmp_path: Path, model: Path, photos: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "photos.parquet").write_bytes(b"")
    with Collection.open(tmp_path / "a.podoba", create=True) as collection:
        for place, what in ((tmp_path / "empty", "no shards are there"), (tmp_path / "gone", "cannot be read")):
            with pytest.raises(CollectionError, match=what):
                import_folder(collection.store, str(place))
        [name, *_] = encode(str(photos), model, tmp_path / "out")
        path = tmp_path / "out" / f"{name}.parquet"
        path.write_bytes(path.read_bytes()[:500])
        with pytest.raises(CollectionError, match=name):
            import_folder(collection.store, str(tmp_path / "out"))


@pytest.mark.slow
def test_a_killed_import_goes_on(photos: Path, model: Path, tmp_path: Path) -> None:
    names = encode(str(photos), model, tmp_path / "out")
    script = (
        "import os, signal, sys\n"
        "from podoba.collection.collection import Collection\n"
        "from podoba.scale.encoding.importing import import_folder\n"
        "def progress(what, done, total):\n"
        "    if done == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "with Collection.open(sys.argv[1], create=True) as collection:\n"
        "    import_folder(collection.store, sys.argv[2], on_progress=progress)\n"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path / "a.podoba"), str(tmp_path / "out")]
    assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    with Collection.open(tmp_path / "a.podoba") as collection:
        report = import_folder(collection.store, str(tmp_path / "out"))
        assert (report.known, report.shards) == (3, len(names) - 3)
        assert len(collection) == 61
