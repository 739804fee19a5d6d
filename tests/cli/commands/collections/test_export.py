"""`podoba export`."""

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
