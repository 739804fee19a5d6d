"""Commands on collections."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.collection.transfer.importer import ForeignModel
from podoba.models.names import open_model

Command = Callable[..., Any]
HIT = {"rank", "id", "uri", "label", "similarity", "probability"}


@pytest.fixture
def photos(pictures: Path, tmp_path: Path) -> Path:
    """A copy of the test pictures that may be changed."""
    return Path(shutil.copytree(pictures / "test", tmp_path / "photos"))


def test_index_adds_then_notices_what_changed(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    first = command("index", path, photos, "--model", trained, "--json")
    assert first.code == 0
    assert first.json == {
        "collection": str(path), "seen": 9, "added": 9, "changed": 0, "moved": 0, "vanished": 0, "unchanged": 0, "skipped": [],
        "reasons": {}, "seconds": first.json["seconds"], "why_exact": None,
    }  # fmt: skip
    (photos / "red" / "12.png").unlink()
    (photos / "green" / "12.png").rename(photos / "blue" / "green.png")
    again = command("index", path, photos)
    assert again.code == 0
    assert "8 images seen, 0 added, 0 changed, 1 moved, 1 vanished, 7 unchanged, 0 skipped" in again.out


def test_the_model_is_remembered_from_any_folder(
    command: Command, photos: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.podoba"
    monkeypatch.chdir(trained.parent)
    assert command("index", path, photos, "--model", trained.name).code == 0
    monkeypatch.chdir(photos)
    assert command("search", path, "red/12.png", "--json").json["hits"][0]["label"] == "red"
    assert command("info", path, "--json").json["model"] == str(trained)


def test_another_model_is_refused_and_nothing_is_made_for_an_unknown_one(
    command: Command, photos: Path, collection: Path, tmp_path: Path
) -> None:
    unknown = command("index", tmp_path / "new.podoba", photos, "--model", "strater")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("error: strater: no such model")
    assert command("index", tmp_path / "new.podoba", tmp_path / "photoss").code == 1
    assert command("import", tmp_path / "new.podoba", tmp_path / "missing.parquet").code == 1
    assert command("import", tmp_path / "new.podoba", photos / "red" / "12.png").code == 1
    assert not list(tmp_path.glob("new.podoba*"))


def test_junk_is_named_and_skipped(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    (photos / "red" / "empty.png").touch()
    (photos / "red" / "text\nin two lines.jpg").write_text("not a picture")
    done = command("index", tmp_path / "new.podoba", photos, "--model", trained)
    assert done.code == 0
    assert "9 added" in done.out
    lines = done.err.splitlines()
    assert any(line.startswith("skipped: ") and "empty.png: " in line for line in lines)
    assert any("text\\nin two lines.jpg" in line for line in lines)
    again = command("index", tmp_path / "new.podoba", photos, "--json").json
    assert [set(row) for row in again["skipped"]] == [{"uri", "reason"}] * 2
    assert again["reasons"] == {"the file is empty": 1, "not an image of a known format": 1}


def test_search_prints_json_and_nothing_else_on_stdout(podoba: Command, collection: Path, pictures: Path, tmp_path: Path) -> None:
    query = pictures / "test" / "blue" / "12.png"
    done = podoba("search", collection, query, "-k", "4", "--json", "--sheet", tmp_path / "sheet.png")
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert set(result) >= {"query", "hits", "exact", "seconds"}
    assert [hit["rank"] for hit in result["hits"]] == [1, 2, 3, 4]
    assert all(set(hit) == HIT and hit["probability"] is None for hit in result["hits"])
    assert result["hits"][0]["label"] == "blue"
    assert done.stderr == f"drawn: {tmp_path / 'sheet.png'}\n"
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.format == "PNG"


def test_search_by_id_leaves_the_item_itself_out(command: Command, collection: Path) -> None:
    with Collection.open(collection, read_only=True) as opened:
        item = opened.items("label == 'green'")[0]
    hits = command("search", collection, f"id:{item.id}", "-k", "36", "--json").json["hits"]
    assert len(hits) == 35
    assert item.id not in {hit["id"] for hit in hits}


def test_search_with_a_filter_and_as_csv(command: Command, collection: Path, pictures: Path) -> None:
    query = pictures / "test" / "blue" / "12.png"
    done = command("search", collection, query, "--where", "label == 'red' and width > 10", "-k", "3", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["label"] for row in rows] == ["red"] * 3
    assert set(rows[0]) == HIT
    none = command("search", collection, query, "--where", "label == 'mauve'", "--csv")
    assert none.out == "rank,id,uri,label,similarity,probability\n"
    said = command("search", collection, query, "--where", "label == 'mauve'")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("nothing similar was found: no item passes the filter")


def test_search_as_a_table(command: Command, collection: Path, pictures: Path) -> None:
    done = command("search", collection, pictures / "test" / "blue" / "12.png", "-k", "2")
    assert "similarity" in done.out
    assert str(pictures / "train" / "blue") in done.out  # paths are not cut


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.png",), "nothing.png"),
        (("id:0",), "no item of id '0'"),
        (("id:0", "--where", "lable == 1"), "error: "),
        (("QUERY", "--min-probability", "0.5"), "never calibrated"),
        (("QUERY", "--where", "lable == 'red'"), "did you mean"),
        (("QUERY", "--sheet", "/proc/nowhere/sheet.png"), "/proc/nowhere/sheet.png"),
    ],
)
def test_search_says_what_is_wrong(
    command: Command, collection: Path, pictures: Path, arguments: tuple[str, ...], message: str
) -> None:
    query = str(pictures / "test" / "red" / "12.png")
    done = command("search", collection, *(query if word == "QUERY" else word for word in arguments))
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert done.err.startswith("error: ")
    assert len(done.err.splitlines()) == 1


def test_search_finds_a_model_that_was_moved(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(trained, tmp_path / "first"))
    command("index", tmp_path / "new.podoba", photos, "--model", moved)
    moved.rename(tmp_path / "second")
    query = photos / "red" / "12.png"
    assert command("search", tmp_path / "new.podoba", query).code == 1
    assert command("search", tmp_path / "new.podoba", query, "--model", tmp_path / "second").code == 0


def test_info_check_remove_and_export(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    command("index", path, photos, "--model", trained)
    facts = command("info", path, "--json").json
    assert (facts["items"], facts["dim"], facts["index"]["kind"]) == (9, 8, "exact")
    assert "items: 9\n" in command("info", path).out
    assert command("check", path).code == 0
    assert command("check", path, "--json").json == {"collection": str(path), "problems": [], "repaired": []}
    (photos / "red" / "13.png").unlink()
    gone = command("check", path, "--json")
    assert gone.code == 1
    assert len(gone.json["problems"]) == 1
    removed = command("remove", path, "--where", "label == 'red'", "--json")
    assert removed.json == {"collection": str(path), "removed": 3}
    written = command("export", path, tmp_path / "out.npz", "--json")
    assert written.json == {"collection": str(path), "out": str(tmp_path / "out.npz"), "items": 6}
    assert np.load(tmp_path / "out.npz")["descriptor"].shape == (6, 8)
    assert command("export", path, tmp_path / "out.docx").code == 1
    assert command("remove", path, "nothing").code == 1


def test_search_among_ten_thousand_takes_less_than_a_second(
    podoba: Command, pictures: Path, trained: Path, tmp_path: Path
) -> None:
    path, count = tmp_path / "large.podoba", 10_000
    encoder = open_model(str(trained))
    descriptors = np.random.default_rng(0).standard_normal((count, encoder.card.dim)).astype(np.float32)
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    items = [Item(f"{i:016x}", f"/photos/{i}.jpg", "/photos", None, f"{i:064x}", 1, "1", 1, 1, "JPEG", {}) for i in range(count)]
    with Collection.open(path, create=True) as opened:
        opened.claim(encoder, str(trained))
        opened.put(items, descriptors)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = podoba("search", path, pictures / "test" / "red" / "12.png", "--json", OMP_NUM_THREADS="1")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(json.loads(done.stdout)["hits"]) == 10
    # Processor time of the whole process, which other work on the machine does not change much.
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 1.0


def test_another_model_encodes_everything_anew(
    command: Command, collection: Path, pictures: Path, trained: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(trained, tmp_path / "other"))
    model = onnx.load(other / "model.onnx")
    model.doc_string = "other bytes"
    onnx.save(model, str(other / "model.onnx"))
    done = command("index", collection, pictures / "train", "--model", other)
    assert done.code == 0
    assert f"encoding 36 images anew with {other}; {trained} answers until that is done" in done.err
    assert "36 unchanged" in done.out
    assert command("info", collection, "--json").json["model"] == str(other)
    assert command("check", collection).code == 0


def test_a_plain_update_goes_on_beside_a_change_of_model_and_naming_the_old_one_gives_it_up(
    command: Command, collection: Path, pictures: Path, trained: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(trained, tmp_path / "other"))
    (other / "model.onnx").write_bytes((trained / "model.onnx").read_bytes())
    with Collection.open(collection) as opened:
        opened.store.models.stage_next(ForeignModel(opened.card, "f" * 16, other), "other")
    assert command("index", collection, pictures / "train").code == 0
    assert command("info", collection, "--json").json["next"] == {"model": "other", "done": 0}
    assert command("index", collection, pictures / "train", "--model", trained).code == 0
    assert command("info", collection, "--json").json["next"] is None


def test_descriptors_go_out_and_come_back(command: Command, collection: Path, tmp_path: Path) -> None:
    command("export", collection, tmp_path / "out.parquet")
    done = command("import", tmp_path / "new.podoba", tmp_path / "out.parquet", "--json")
    assert done.json == {"collection": str(tmp_path / "new.podoba"), "rows": 36, "added": 36, "replaced": 0, "why_exact": None}
    assert "36 replaced" in command("import", tmp_path / "new.podoba", tmp_path / "out.parquet").err
    assert command("check", tmp_path / "new.podoba").code == 0
    assert command("import", tmp_path / "new.podoba", tmp_path / "none.csv").code == 1


def test_a_copy_is_made_once(command: Command, collection: Path, tmp_path: Path) -> None:
    assert command("copy", collection, tmp_path / "copy.podoba", "--json").json["out"] == str(tmp_path / "copy.podoba")
    assert command("info", tmp_path / "copy.podoba", "--json").json["items"] == 36
    again = command("copy", collection, tmp_path / "copy.podoba")
    assert (again.code, len(again.err.splitlines())) == (1, 1)
    assert "never overwritten" in again.err


def test_damage_is_repaired(command: Command, collection: Path, pictures: Path) -> None:
    connection = sqlite3.connect(collection)
    connection.execute("UPDATE items SET label = 'mauve' WHERE number = 3")
    connection.commit()
    connection.close()
    assert command("check", collection).code == 1
    done = command("check", collection, "--repair")
    assert (done.code, done.out) == (0, "")
    assert "forgotten, since it was damaged" in done.err
    assert "1 added, 0 changed, 0 moved, 0 vanished, 35 unchanged" in command("index", collection, pictures / "train").out


def test_following_a_folder_takes_in_what_comes(photos: Path, trained: Path, tmp_path: Path) -> None:
    path, moved = tmp_path / "watched.podoba", tmp_path / "13.png"
    (photos / "red" / "13.png").rename(moved)
    arguments = ["index", path, photos, "--model", trained, "--watch"]
    process = subprocess.Popen(
        [sys.executable, "-m", "podoba", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # as in a terminal, whoever runs the tests
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    deadline = threading.Timer(90, process.kill)
    deadline.start()
    assert "8 added" in process.stdout.readline()
    assert process.stderr.readline().startswith(f"following {photos}")
    moved.rename(photos / "blue" / "13b.png")
    assert "1 added" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    deadline.cancel()
    assert (process.returncode, out) == (130, "")
    assert "stopped; what is done is kept" in err
    with Collection.open(path, read_only=True) as opened:
        assert len(opened) == 9


def test_what_cannot_be_followed_is_refused(command: Command, photos: Path, tmp_path: Path) -> None:
    assert command("index", tmp_path / "x.podoba", photos, "--watch", "--json").code == 2
    refused = command("index", tmp_path / "x.podoba", "digits", "--watch")
    assert (refused.code, refused.err) == (1, "error: digits: a published set does not change: follow folders and files\n")
    assert not (tmp_path / "x.podoba").exists()
