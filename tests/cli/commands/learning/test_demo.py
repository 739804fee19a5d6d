"""`podoba demo` on images of one's own; on digits it is run with the README's other commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from podoba.demo import prepare_images
from podoba.errors import PodobaError
from podoba.images.sources.open import open_source

Command = Callable[..., Any]


def test_the_whole_loop_on_a_folder(command: Command, pictures: Path, tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "demo"
    for path in (pictures / "train").rglob("*.png"):
        (photos / path.parent.name).mkdir(parents=True, exist_ok=True)
        with Image.open(path) as small:
            small.resize((40, 40)).save(photos / path.parent.name / path.name)
    done = command("demo", "--data", photos, "--out", out, "--epochs", "2", "--json")
    assert done.code == 0
    assert [run["loss"] for run in done.json["runs"]] == ["cross-entropy", "triplet"]
    assert len(done.json["search"]["hits"]) == 8
    kept, held = (len(open_source(out / "images" / f"{part}.csv")) for part in ("train", "test"))
    assert kept + held == 36
    assert 4 <= held <= 9
    assert [path.name for path in out.rglob("*.png") if "figures" not in path.parts] == ["search.png"]
    for words in (
        "training with cross-entropy",
        "training with triplet",
        "judging and exporting",
        "indexing the training images",
    ):
        assert words in done.err
    with Image.open(out / "search.png") as sheet:
        assert sheet.format == "PNG"
    again = command("demo", "--data", photos, "--out", out, "--epochs", "2")
    assert again.code == 0
    for words in ("KNN score", "min validation loss", "min training loss", "seconds per epoch", "cross-entropy", "triplet"):
        assert words in again.out
    assert f"podoba search {out / 'demo.podoba'} PICTURE" in again.out
    assert f"podoba train {photos} " in again.out
    assert "--data FOLDER" not in again.out
    for part in (*(out / "images").iterdir(), out / "images.json", out / "search.png"):
        assert part.exists()
    other = command("demo", "--data", pictures / "test", "--out", out, "--epochs", "2")
    assert (other.code, other.out) == (1, "")
    assert "demo of other images" in other.err


def test_images_without_classes_are_refused(command: Command, pictures: Path, tmp_path: Path) -> None:
    done = command("demo", "--data", pictures / "train" / "red", "--out", tmp_path / "demo")
    assert done.code == 1
    assert "two classes" in done.err
    assert not (tmp_path / "demo").exists()


def test_an_unreadable_test_image_is_not_searched_for_and_scores_stand_before_figures(
    command: Command, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise PodobaError("the figures cannot be drawn")

    photos, out = tmp_path / "photos", tmp_path / "demo"
    shutil.copytree(pictures / "train", photos)
    images = prepare_images(open_source(photos), out)
    tests = open_source(images.test).records
    middle = Path(tests[len(tests) // 2].uri)
    status, data = middle.stat(), middle.read_bytes()
    middle.write_bytes(bytes(len(data)))  # found broken only when it is read: size and time are those it had
    os.utime(middle, ns=(status.st_atime_ns, status.st_mtime_ns))
    monkeypatch.setattr("podoba.demo.learning_curves", fails)
    done = command("demo", "--data", photos, "--out", out, "--epochs", "1")
    assert done.code == 1
    assert done.err.splitlines()[-1] == "error: the figures cannot be drawn"
    assert "KNN score" in done.out
    assert str(middle) not in done.out
