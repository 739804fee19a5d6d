"""`podoba import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_descriptors_go_out_and_come_back(command: Command, collection: Path, tmp_path: Path) -> None:
    command("export", collection, tmp_path / "out.parquet")
    done = command("import", tmp_path / "new.podoba", tmp_path / "out.parquet", "--json")
    assert done.json == {"collection": str(tmp_path / "new.podoba"), "rows": 36, "added": 36, "replaced": 0, "why_exact": None}
    assert "36 replaced" in command("import", tmp_path / "new.podoba", tmp_path / "out.parquet").err
    assert command("check", tmp_path / "new.podoba").code == 0
    assert command("import", tmp_path / "new.podoba", tmp_path / "none.csv").code == 1
