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
