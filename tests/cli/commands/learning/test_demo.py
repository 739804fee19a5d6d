"""`podoba demo` on images of one's own; on digits it is run with the README's other commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

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
    kept, held = (sum(1 for _ in (out / "images" / part).rglob("*.png")) for part in ("train", "test"))
    assert kept + held == 36
    assert 4 <= held <= 9
    with Image.open(out / "search.png") as sheet:
        assert sheet.format == "PNG"
    again = command("demo", "--data", photos, "--out", out, "--epochs", "2")
    assert again.code == 0
    for words in ("KNN score", "min validation loss", "min training loss", "seconds per epoch", "cross-entropy", "triplet"):
        assert words in again.out
    assert "next, with a folder of your own" in again.out
    other = command("demo", "--data", pictures / "test", "--out", out, "--epochs", "2")
    assert (other.code, other.out) == (1, "")
    assert "demo of other images" in other.err


def test_images_without_classes_are_refused(command: Command, pictures: Path, tmp_path: Path) -> None:
    done = command("demo", "--data", pictures / "train" / "red", "--out", tmp_path / "demo")
    assert done.code == 1
    assert "two classes" in done.err
    assert not (tmp_path / "demo").exists()
