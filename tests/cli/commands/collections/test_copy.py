"""`podoba copy`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_a_copy_is_made_once(command: Command, collection: Path, tmp_path: Path) -> None:
    assert command("copy", collection, tmp_path / "copy.podoba", "--json").json["out"] == str(tmp_path / "copy.podoba")
    assert command("info", tmp_path / "copy.podoba", "--json").json["items"] == 36
    again = command("copy", collection, tmp_path / "copy.podoba")
    assert (again.code, len(again.err.splitlines())) == (1, 1)
    assert "never overwritten" in again.err
