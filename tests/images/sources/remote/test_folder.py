"""A remote folder is understood as the same folder here is."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.errors import SourceError
from podoba.images.locate import container_of, find_record
from podoba.images.sources.classes import find_classes
from podoba.images.sources.open import open_source
from podoba.images.sources.remote.folder import RemoteFolder

PART = st.sampled_from(["train", "test", "val", "cat", "dog", "images", "x"])
PATHS = st.lists(st.tuples(st.lists(PART, max_size=4), st.sampled_from(["a.jpg", "b.png", "c.txt"])), min_size=1, max_size=12)


def upload(folder: Path) -> str:
    """The address of a copy of a folder."""
    root = f"/{uuid4().hex[:8]}"
    fsspec.filesystem("memory").put(str(folder), root, recursive=True)
    return f"memory:/{root}"


@pytest.fixture
def tree(folder: Path, png: Callable[..., bytes]) -> Path:
    """Classes below splits, with what is no picture, hidden or left out."""
    for split in ("train", "test"):
        shutil.copytree(folder, folder.parent / "tree" / split)
    root = folder.parent / "tree"
    for path, data in {
        ".podobaignore": b"2.png\ndrafts/\n", "train/cat/plain": png(9), "train/cat/text": b"no picture", "notes.txt": b"x",
        ".hidden.png": png(1), "train/drafts/d.png": png(2), "test/dog/clip.mp4": b"x", "@eaDir/e.png": png(3),
    }.items():  # fmt: skip
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(data)
    return root


def test_a_remote_folder_is_as_the_one_here(tree: Path) -> None:
    here, address = open_source(tree), upload(tree)
    there = open_source(address)

    def facts(source: object, root: str) -> list[tuple[object, ...]]:
        return [(r.uri.removeprefix(root), r.label, r.split, r.open()) for r in source]  # type: ignore[attr-defined]

    assert facts(there, address) == facts(here, str(tree))
    assert there.beside.passed_over == here.beside.passed_over == {"video": 1}
    assert [record.label for record in open_source(f"{address}:test")] == ["cat", "cat", "dog", "dog"]
    assert there.beside.excludes(f"{address}/train/drafts/new.png")
    assert all(find_record(record.uri).open() == record.open() for record in there)


@settings(max_examples=60, deadline=None)
@given(PATHS)
def test_classes_are_those_of_the_whole_tree(paths: list[tuple[list[str], str]]) -> None:
    store, root = fsspec.filesystem("memory"), f"/{uuid4().hex}"
    for folders, name in paths:
        store.pipe_file("/".join([root, *folders, name]), b"x")
    held = {"/".join(folders) for folders, name in paths if name != "c.txt"}
    assert RemoteFolder(f"memory:/{root}").classes() == find_classes(held)
    store.rm(root, recursive=True)


def test_tables_archives_and_manifests_are_read_where_they_are(folder: Path, png: Callable[..., bytes]) -> None:
    place = folder.parent / "sets"
    place.mkdir()
    with tarfile.open(place / "x.tar", "w") as archive:
        archive.add(folder, "pets")
    shutil.make_archive(str(place / "y"), "zip", folder)
    rows = {"image": [{"bytes": png(1), "path": None}, {"bytes": None, "path": "cat.png"}], "label": ["cat", "dog"]}
    pq.write_table(pa.table(rows), place / "z.parquet")
    (place / "cat.png").write_bytes(png(5))
    (place / "list.csv").write_text("path,label,price\ncat.png,cat,3\n/gone.png,dog,\n", encoding="utf-8")
    address = upload(place)
    (place / "there.csv").write_text(f"path,label\n{address}/cat.png,cat\n", encoding="utf-8")
    for name, count in (("x.tar", 6), ("y.zip", 6), ("z.parquet", 2)):
        here, there = open_source(place / name), open_source(f"{address}/{name}")
        assert len(here) == len(there) == count
        for one, other in zip(here, there, strict=True):
            assert other.uri == one.uri.replace(str(place), address)
            assert (other.label, other.open()) == (one.label, one.open())
            assert container_of(other.uri) == f"{address}/{name}"
            assert find_record(other.uri).open() == one.open()
    listed = open_source(f"{address}/list.csv").records
    assert [(record.uri, record.label) for record in listed] == [
        (f"{address}/cat.png", "cat"), (f"{address.rpartition('/')[0]}/gone.png".replace("memory:/", address, 1), "dog")
    ]  # fmt: skip
    assert listed[0].attributes == {"price": 3}
    assert open_source(place / "there.csv").records[0].open() == png(5)
    assert len(open_source(f"{address}/*.tar")) == 6
    assert open_source(f"{address}/cat.png").records[0].open() == png(5)


def test_a_page_of_links_is_a_folder(tmp_path: Path, png: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp")  # fsspec, which other libraries bring, has it for the web alone
    for name in ("cat/0 ä#.png", "cat/1.png", "dog/2.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(png(int(name[4])))
    (tmp_path / "photos" / "list.csv").write_text("path,label\ncat/1.png,cat\n", encoding="utf-8")
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/photos"
    try:
        for place in (address, f"{address}/"):
            assert [(record.label, record.open()) for record in open_source(place)] == [
                ("cat", png(0)), ("cat", png(1)), ("dog", png(2))
            ]  # fmt: skip
        assert [record.uri for record in open_source(f"{address}/list.csv")] == [f"{address}/cat/1.png"]
        with pytest.raises(SourceError, match="not there"):
            open_source(f"{address}/none")
    finally:
        server.shutdown()
        server.server_close()


def test_nothing_there_is_one_line(folder: Path) -> None:
    address = upload(folder)
    for name in ("none", "none.csv", "none.tar", "none.zip", "none.parquet", "*.tar"):
        with pytest.raises(SourceError, match=r"none|\*") as caught:
            open_source(f"{address}/{name}")
        assert "\n" not in str(caught.value)
