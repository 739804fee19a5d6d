"""`podoba import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_descriptors_go_out_and_come_back(command: Command, collection: Path, tmp_path: Path) -> None:
    command("export", collection, tmp_path / "out.parquet")
    done = command("import", tmp_path / "new.podoba", tmp_path / "out.parquet", "--json")
    counts = {"rows": 36, "added": 36, "replaced": 0, "skipped": []}
    assert done.json == {"collection": str(tmp_path / "new.podoba"), **counts, "why_exact": None}
    assert "36 replaced" in command("import", tmp_path / "new.podoba", tmp_path / "out.parquet").err
    assert command("check", tmp_path / "new.podoba").code == 0
    assert command("import", tmp_path / "new.podoba", tmp_path / "none.csv").code == 1


def test_a_row_without_direction_is_named(command: Command, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('uri,descriptor\na.jpg,"[1, 2]"\nb.jpg,"[0, NaN]"\nc.jpg,"[2, 1]"\n')
    done = command("import", tmp_path / "new.podoba", tmp_path / "x.csv", "--model", "elsewhere")
    assert done.code == 0
    assert f"skipped: {tmp_path / 'b.jpg'}: its descriptor, of row 2, is missing, zero or not finite\n" in done.err
    assert "3 rows read: 2 items added, 0 replaced" in done.err
