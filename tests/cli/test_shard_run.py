"""`podoba index --into`: what is printed, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_sources_become_a_folder_that_import_takes(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = command("index", photos, "--into", out, "--model", trained, "--workers", "1")
    assert first.code == 0, first.err
    assert first.out.startswith(f"{out}: 1 shards, 1 encoded, 0 there before, 0 failed; 9 images, 0 skipped; ")
    (photos / "broken.png").write_bytes(b"no picture")
    again = command("index", photos, photos / "red", "--into", out, "--model", trained, "--workers", "1", "--json").json
    assert again == {
        "into": str(out), "shards": 2, "done": 2, "was_there": 0, "images": 12, "skipped": 1, "failed": [],
        "seconds": again["seconds"],
    }  # fmt: skip
    assert command("index", photos, photos / "red", "--into", out, "--model", trained, "--json").json["was_there"] == 2


def test_a_bundled_model_is_meant_where_a_folder_is_called_so(
    command: Command, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert command("index", photos, "--into", "out", "--model", "small", "--workers", "1").code == 0
    assert command("import", "a.podoba", "out").code == 0
    assert command("index", "b.podoba", photos, "--model", "small").code == 0
    models = [command("info", name, "--json").json["model"] for name in ("a.podoba", "b.podoba")]
    assert models == ["small", "small"]


def test_a_shard_that_fails_is_named_and_ends_the_command_with_1(
    command: Command, photos: Path, trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    done = command("index", photos, "--into", tmp_path / "out", "--model", trained, "--workers", "1")
    assert done.code == 1
    assert f"failed: a shard of {photos}" in done.err
    assert "error: 1 of 1 shards failed, the first, of " in done.err
    assert "0 encoded, 0 there before, 1 failed" in done.out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--into", "out", "--watch"], "--watch: is of a collection"),
        (["--into", "out", "--recall", "0.9"], "--recall: is of a collection"),
        (["more", "--on", "ray"], "--on: needs --into"),
        (["more", "--workers", "2"], "--workers: needs --into"),
        ([], "SOURCE: name what is to be indexed"),
    ],
)
def test_options_of_the_other_way_are_refused(command: Command, options: list[str], why: str) -> None:
    done = command("index", "photos", *options)
    assert done.code == 2
    assert f"Invalid value for {why}" in " ".join(done.err.split())


def test_a_place_that_is_none_and_a_cluster_that_is_away_are_one_line(command: Command, photos: Path, trained: Path) -> None:
    for on, why in {"roy": "not a place to work on", "ray:127.0.0.1:1": "no cluster can be reached there"}.items():
        done = command("index", photos, "--into", photos.parent / "out", "--model", trained, "--on", on)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("error: ")
        assert done.err.count("\n") == 1
        assert why in done.err
