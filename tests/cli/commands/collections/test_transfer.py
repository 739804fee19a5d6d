"""`podoba export`, `podoba import` and `podoba copy`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Command = Callable[..., Any]


def test_items_of_a_filter_are_written(command: Command, collection: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    written = command("export", collection, out, "--where", "label == 'red'", "--json")
    assert written.json == {"collection": str(collection), "out": str(out), "items": 12}
    assert np.load(out)["descriptor"].shape == (12, 8)
    assert command("export", collection, tmp_path / "out.csv").err == f"36 items written to {tmp_path / 'out.csv'}\n"


def test_an_unknown_format_is_refused(command: Command, collection: Path, tmp_path: Path) -> None:
    done = command("export", collection, tmp_path / "out.docx")
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert list(tmp_path.glob("out.*")) == []


def test_descriptors_go_out_and_come_back(command: Command, collection: Path, tmp_path: Path) -> None:
    command("export", collection, tmp_path / "out.parquet")
    done = command("import", tmp_path / "new.podoba", tmp_path / "out.parquet", "--json")
    assert done.json == {"collection": str(tmp_path / "new.podoba"), "rows": 36, "added": 36, "replaced": 0, "why_exact": None}
    assert "36 replaced" in command("import", tmp_path / "new.podoba", tmp_path / "out.parquet").err
    assert command("check", tmp_path / "new.podoba").code == 0
    assert command("import", tmp_path / "new.podoba", tmp_path / "none.csv").code == 1


def test_a_copy_is_made_once(command: Command, collection: Path, tmp_path: Path) -> None:
    assert command("copy", collection, tmp_path / "copy.podoba", "--json").json["out"] == str(tmp_path / "copy.podoba")
    assert command("info", tmp_path / "copy.podoba", "--json").json["items"] == 36
    again = command("copy", collection, tmp_path / "copy.podoba")
    assert (again.code, len(again.err.splitlines())) == (1, 1)
    assert "never overwritten" in again.err
