"""`podoba index`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from podoba.collection.collection import Collection
from podoba.collection.transfer.importer import ForeignModel

Command = Callable[..., Any]


def test_index_adds_then_notices_what_changed(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    first = command("index", path, photos, "--model", trained, "--json")
    assert first.code == 0
    assert first.json == {
        "collection": str(path), "seen": 9, "added": 9, "changed": 0, "moved": 0, "vanished": 0, "unchanged": 0, "skipped": [],
        "reasons": {}, "seconds": first.json["seconds"], "why_exact": None, "away": {}, "held_back": 0, "passed_over": {},
        "excluded": 0, "notes": [],
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


def test_another_model_encodes_everything_anew(
    command: Command, collection: Path, pictures: Path, trained: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(trained, tmp_path / "other"))
    model = onnx.load(other / "model.onnx")
    model.doc_string = "other bytes"
    onnx.save(model, str(other / "model.onnx"))
    done = command("index", collection, pictures / "train", "--model", other)
    assert done.code == 0
    assert f"encoding 36 images with {other}; {trained} answers until that is done" in done.err
    assert "36 unchanged" in done.out
    assert command("info", collection, "--json").json["model"] == str(other)
    assert command("check", collection).code == 0


def test_a_plain_update_goes_on_beside_a_change_of_model_and_naming_the_old_one_gives_it_up(
    command: Command, collection: Path, pictures: Path, trained: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(trained, tmp_path / "other"))
    (other / "model.onnx").write_bytes((trained / "model.onnx").read_bytes())
    with Collection.open(collection) as opened:
        assert opened.card is not None
        opened.store.models.stage_next(ForeignModel(opened.card, "f" * 16, other), "other")
    assert command("index", collection, pictures / "train").code == 0
    assert command("info", collection, "--json").json["next"] == {"model": "other", "done": 0}
    assert command("index", collection, pictures / "train", "--model", trained).code == 0
    assert command("info", collection, "--json").json["next"] is None


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


def test_many_that_vanish_are_forgotten_only_when_that_is_said(
    command: Command, photos: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.podoba"
    for i in range(30):
        (photos / "red" / f"{i}.jpeg").write_bytes((photos / "red" / "12.png").read_bytes())
    assert command("index", path, photos, "--model", trained).code == 0
    for place in photos.glob("red/*.jpeg"):
        place.unlink()
    refused = command("index", path, photos)
    assert refused.code == 1
    assert "0 vanished, 9 unchanged" in refused.out
    assert refused.err.splitlines()[-1] == (
        f"error: {path}: 30 pictures are no longer there and were kept, since so many at once may be a disk that is not "
        "mounted: add --vanished to forget them"
    )
    as_json = command("index", path, photos, "--json")
    assert (as_json.code, as_json.json["held_back"], as_json.json["vanished"]) == (1, 30, 0)
    asked: list[str] = []
    for answer, code, items in ((False, 1, 39), (True, 0, 9)):

        def confirmed(question: str, answer: bool = answer) -> bool:
            asked.append(question)
            return answer

        monkeypatch.setattr("podoba.cli.console.confirmed", confirmed)
        assert command("index", path, photos).code == code
        assert command("info", path, "--json").json["items"] == items
    assert asked == ["forget 30 pictures that are no longer there?"] * 2


def test_what_is_away_is_named_and_forgotten_only_when_that_is_said(
    command: Command, photos: Path, trained: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new.podoba"
    command("index", path, photos, "--model", trained)
    (photos / "red").rename(tmp_path / "red")
    (photos / "red").mkdir()
    done = command("index", path, photos)
    assert done.code == 0
    away = f"away: 3 pictures below {photos / 'red'}: no picture is left there; --vanished forgets them"
    assert away in done.err.splitlines()
    assert command("index", path, photos, "--json").json["away"] == {str(photos / "red"): 3}
    assert "3 vanished, 6 unchanged" in command("index", path, photos, "--vanished").out


def test_what_is_left_out_and_passed_over_is_said(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    for name in ("red/a.svg", "red/b.mov", "blue/c.MOV", "@eaDir/d.png", "drafts/e.png"):
        (photos / name).parent.mkdir(exist_ok=True)
        (photos / name).write_bytes((photos / "red" / "12.png").read_bytes())
    done = command("index", path, photos, "--model", trained, "--exclude", "drafts/", "--exclude", "blue/")
    assert "6 images seen, 6 added" in done.out
    assert done.err.splitlines()[-3:] == [
        "note: passed over: 1 drawing (save as PNG)",
        "note: passed over: 1 video (save frames of it as pictures)",
        "note: left out by name: 3 files and folders",
    ]
    again = command("index", path, photos, "--json").json
    assert (again["unchanged"], again["excluded"], again["passed_over"]) == (6, 3, {"drawing": 1, "video": 1})
    assert command("info", path, "--json").json["exclude"] == ["drafts/", "blue/"]
    assert "drafts/, blue/" in command("info", path).out
    assert "10 images seen, 4 added" in command("index", path, photos, "--exclude", "").out
    assert command("index", path, photos, "--exclude", "!").code == 1


def test_splits_are_no_classes_and_a_message_says_so(
    command: Command, photos: Path, trained: Path, pictures: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new.podoba"
    done = command("index", path, pictures, "--model", trained)
    assert f"note: {pictures}: test, train: splits, not classes; the class is the folder below" in done.err
    assert command("info", path, "--json").json["labels"] == 3
    part = command("index", tmp_path / "part.podoba", f"{pictures}:test", "--model", trained, "--json").json
    assert (part["seen"], part["added"]) == (9, 9)
    refused = command("index", tmp_path / "none.podoba", f"{pictures}:validation", "--model", trained)
    assert (refused.code, refused.err) == (
        1, f"error: {pictures}: no images of split 'validation' (it has: test, train)\n",
    )  # fmt: skip


def test_what_cannot_be_followed_is_refused(command: Command, photos: Path, tmp_path: Path) -> None:
    assert command("index", tmp_path / "x.podoba", photos, "--watch", "--json").code == 2
    refused = command("index", tmp_path / "x.podoba", "digits", "--watch")
    assert (refused.code, refused.err) == (1, "error: digits: a published set does not change: follow folders and files\n")
    assert not (tmp_path / "x.podoba").exists()
