"""What `info` and `check` say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from podoba.collection.collection import Collection, index_sources
from podoba.collection.storage.database import Database
from podoba.collection.storage.schema import PAGE
from podoba.collection.storage.store import Store
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder


def test_info_has_the_promised_keys(filled: Collection, encoder: Encoder) -> None:
    filled.store.skipped.put([("/bad.jpg", "1", "why")])
    info = filled.info()
    assert {"items", "dim", "model", "bytes", "index"} <= set(info)
    assert (info["items"], info["dim"], info["model"], info["labels"], info["skipped"]) == (60, 192, "tiny", 3, 1)
    assert info["index"] == {"kind": "exact", "recall@10": 1.0, "fresh": True, "beside": 0, "bytes": 0, "why": None}
    assert info["attributes"] == ["city", "mixed", "price"]
    assert (info["fingerprint"], info["bytes"]) == (encoder.fingerprint, filled.path.stat().st_size)


def test_info_of_an_empty_collection(tmp_path: Path) -> None:
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        info = collection.info()
        assert (info["items"], info["dim"], info["model"]) == (0, None, None)
        assert collection.check() == []


def test_check_names_images_that_are_gone(tmp_path: Path, picture: Callable[..., Path], encoder: Encoder) -> None:
    folder = tmp_path / "wow!"
    paths = [picture(folder / f"{i}.png", i) for i in range(3)]
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        index_sources(collection, [open_source(folder)], encoder)
        assert collection.check() == []
        paths[1].unlink()
        assert collection.check() == [f"{paths[1]}: the image is gone: index its folder again, or forget it with `podoba remove`"]


def test_check_names_images_that_cannot_be_decoded(tmp_path: Path, picture: Callable[..., Path], encoder: Encoder) -> None:
    paths = [picture(tmp_path / f"{i}.png", i) for i in range(3)]
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        index_sources(collection, [open_source(tmp_path)], encoder)
        paths[1].write_bytes(paths[1].read_bytes()[:-100])
        paths[2].unlink()
        progress: list[tuple[str, int, int]] = []
        assert len(collection.check()) == 1
        gone, cut = collection.check(images=True, on_progress=lambda *step: progress.append(step))
        assert gone.startswith(f"{paths[2]}: the image is gone")
        assert cut == f"{paths[1]}: cut off: the end of the file is missing: bring back a whole copy, or index its folder again"
        assert progress[-1] == ("reading images", 2, 2)


def test_check_does_not_look_for_images_it_never_had(filled: Collection) -> None:
    """The descriptors of some items were made elsewhere, and nothing is known of their images."""
    items = filled.items()
    descriptors = np.stack([filled.store.descriptors.get(item.id) for item in items])
    moved = [replace(item, uri=f"shop:{i}", content=item.content if i < 3 else "") for i, item in enumerate(items)]
    filled.put(moved, descriptors)
    assert filled.check() == []
    assert [line.partition(": ")[0] for line in filled.check(images=True)] == ["shop:0", "shop:1", "shop:2"]


def test_check_names_damaged_descriptors(filled: Collection) -> None:
    items = filled.items()
    rows = {2: b"", 3: np.zeros(192, "<f4").tobytes(), 4: np.full(192, np.inf, "<f4").tobytes(), 5: b"abc"}
    connection = sqlite3.connect(filled.path)
    connection.executemany("UPDATE descriptors SET vector = ? WHERE item = ?", [(blob, item) for item, blob in rows.items()])
    connection.execute("DELETE FROM descriptors WHERE item = 6")
    connection.commit()
    connection.close()
    lines = [line for line in filled.check() if "damaged" in line]
    assert [line.partition(":")[0] for line in lines] == [items[i].uri for i in (1, 2, 3, 4, 5)]


def test_check_tells_of_a_damaged_file(filled: Collection) -> None:
    filled.close()
    whole = bytearray(filled.path.read_bytes())
    for page in range(len(whole) // PAGE - 3, len(whole) // PAGE):
        whole[page * PAGE : page * PAGE + 8] = b"\xff" * 8
    filled.path.write_bytes(whole)
    # As a file too large to be verified when it is opened.
    with Collection(Store(Database(filled.path, read_only=True, verified=True))) as opened:
        assert any("damaged" in line for line in opened.check())
