"""`podoba cache`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    (tmp_path / "pixels" / "abc").mkdir(parents=True)
    (tmp_path / "pixels" / "abc" / "images.npy").write_bytes(bytes(2_000_000))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.onnx").write_bytes(bytes(10))
    return tmp_path


def test_what_is_there_is_shown_and_nothing_removed(command: Command, cache: Path) -> None:
    done = command("cache")
    assert done.code == 0
    assert f"{cache}\n" in done.out
    assert re.search(r"pixels +1  2\.0", done.out)
    told = command("cache", "--json").json
    assert told["kinds"]["pixels"] == {"entries": 1, "bytes": 2_000_000}
    assert told["removed"] == {"entries": 0, "bytes": 0}
    assert (cache / "pixels" / "abc").is_dir()


def test_room_is_made_where_asked_for(command: Command, cache: Path) -> None:
    assert "removed: 0 entries" in command("cache", "--free", "made", "--unused", "1").out
    assert command("cache", "--free", "made", "--json").json["removed"] == {"entries": 1, "bytes": 2_000_000}
    assert not (cache / "pixels" / "abc").exists()
    assert (cache / "models" / "mine.onnx").exists()


def test_wrong_usage(command: Command) -> None:
    assert command("cache", "--free", "everything").code == 2
    assert command("cache", "--unused", "3").code == 2
