"""`podoba duplicates`."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Command = Callable[..., Any]


@pytest.fixture
def collection(command: Command, pictures: Path, trained: Path, tmp_path: Path) -> Path:
    """Of the test pictures, one of them twice and one turned."""
    folder = tmp_path / "photos"
    folder.mkdir()
    some = sorted((pictures / "test").rglob("*.png"))[:6]
    for number, path in enumerate(some):
        Image.open(path).resize((64, 64)).save(folder / f"{number}.png")
    (folder / "twin.png").write_bytes((folder / "0.png").read_bytes())
    Image.open(folder / "1.png").transpose(Image.Transpose.ROTATE_90).save(folder / "turned.png")
    path = tmp_path / "photos.podoba"
    assert command("index", path, folder, "--model", trained).code == 0
    return path


def test_groups_as_json_csv_and_text(command: Command, collection: Path, tmp_path: Path) -> None:
    found = command("duplicates", collection, "--json").json
    kinds = {group["kind"]: group for group in found["groups"]}
    twin = kinds["identical"]
    assert len(twin["items"]) == 2
    assert twin["keep"] == twin["items"][0]["id"]
    assert set(twin["items"][1]) >= {"id", "uri", "reason"}
    rows = list(csv.DictReader(io.StringIO(command("duplicates", collection, "--csv").out)))
    assert len(rows) == sum(len(group["items"]) for group in found["groups"])
    plain = command("duplicates", collection, "--html", tmp_path / "groups.html")
    assert "identical bytes" in plain.out
    assert "groups" in plain.err
    page = (tmp_path / "groups.html").read_text(encoding="utf-8")
    assert page.count("<figure") == len(rows)
    assert command("duplicates", collection, "--json", "--csv").code == 2


def test_nothing_is_moved_by_default_and_only_safe_kinds_when_asked(command: Command, collection: Path, tmp_path: Path) -> None:
    files = sorted((tmp_path / "photos").iterdir())
    command("duplicates", collection)
    assert sorted((tmp_path / "photos").iterdir()) == files
    moved = command("duplicates", collection, "--move-to", tmp_path / "away", "--json")
    assert moved.code == 0
    assert len(moved.json["move"]["moved"]) == 1
    assert (tmp_path / "photos" / "turned.png").exists()
    assert len(list((tmp_path / "photos").iterdir())) == len(files) - 1
    assert "moved.csv" in moved.err


def test_marked_as_no_duplicates(command: Command, collection: Path) -> None:
    group = next(g for g in command("duplicates", collection, "--json").json["groups"] if g["kind"] != "identical")
    ids = [item["id"] for item in group["items"]]
    assert command("duplicates", collection, "--not-duplicates", ids[0]).code == 2
    options = [word for id_ in ids for word in ("--not-duplicates", id_)]
    assert command("duplicates", collection, *options, "--json").json["pairs"] == 1
    after = command("duplicates", collection, "--json").json["groups"]
    assert all(g["kind"] == "identical" for g in after)


def test_an_unknown_kind_is_one_line(command: Command, collection: Path) -> None:
    outcome = command("duplicates", collection, "--kind", "similar")
    assert outcome.code == 1
    assert outcome.err.startswith("error: no kind of duplicates is called 'similar'")


def test_no_torch_is_needed(collection: Path) -> None:
    code = (
        "import sys; from podoba.cli.main import run; sys.argv = ['podoba', 'duplicates', sys.argv[1], '--json']\n"
        "try:\n    run()\nfinally:\n    assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(collection)], check=True, capture_output=True)


def test_what_was_moved_is_put_back(command: Command, collection: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "twin.xmp").write_text("edits")
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    moved = command("duplicates", collection, "--move-to", tmp_path / "away", "--keep", f"folder:{photos / '0.png'}", "--json")
    assert [Path(row["from"]).name for row in moved.json["move"]["moved"]] == ["twin.png"]
    assert [Path(row["from"]).name for row in moved.json["move"]["companions"]] == ["twin.xmp"]
    assert f"moved with its picture: {photos / 'twin.xmp'}" in moved.err
    undone = command("duplicates", collection, "--undo", tmp_path / "away" / "moved.csv", "--json")
    assert undone.code == 0
    assert {Path(path).name for path in undone.json["undo"]["back"]} == {"twin.png", "twin.xmp"}
    assert "2 files put back, 0 were back already, 0 left" in undone.err
    assert f"podoba index {collection} {photos}" in undone.err
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before
    assert command("index", collection, photos).code == 0
    assert command("duplicates", collection, "--undo", tmp_path / "away" / "moved.csv", "--json").json["undo"]["already"] == 2
    assert command("info", collection, "--json").json["items"] == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--undo", "nowhere.csv"], "nowhere.csv: cannot be read (No such file or directory): name the moved.csv"),
        (["--keep", "oldst"], "no rule for what is kept is called 'oldst': did you mean oldest?"),
        (["--keep", "format:jpge"], "no format is called 'jpge': did you mean jpeg?"),
        (["--keep", "folder:/nowhere"], "/nowhere: no indexed image lies there"),
    ],
)
def test_a_slip_of_the_pen_is_one_line(command: Command, collection: Path, options: list[str], message: str) -> None:
    outcome = command("duplicates", collection, *options)
    assert outcome.code == 1
    assert outcome.err.startswith("error: ")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_moving_and_undoing_are_not_asked_for_together(command: Command, collection: Path, tmp_path: Path) -> None:
    assert command("duplicates", collection, "--undo", "moved.csv", "--move-to", tmp_path / "away").code == 2


def test_two_roots_of_one_folder_lose_nothing(command: Command, collection: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    before = sorted(path.name for path in photos.iterdir())
    (tmp_path / "link").symlink_to(photos)
    assert command("index", collection, photos, tmp_path / "link").code == 0
    moved = command("duplicates", collection, "--move-to", tmp_path / "away", "--json")
    [gone] = [Path(row["from"]).name for row in moved.json["move"]["moved"]]
    assert gone in {"0.png", "twin.png"}
    assert sorted(path.name for path in photos.iterdir()) == [name for name in before if name != gone]
    inside = command("duplicates", collection, "--move-to", tmp_path / "link" / "away")
    assert inside.code == 1
    assert "which is indexed" in inside.err
