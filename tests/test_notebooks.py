"""The notebooks run from top to bottom, show what they say, and are kept without outputs."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def run_cells(path: Path) -> tuple[dict[str, Any], list[Any]]:
    """The names that the code of a notebook leaves, and what each cell shows: the value of its last line, as Jupyter does."""
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    return names, shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    book = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


def test_first_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    names, shown = run_cells(next(path for path in NOTEBOOKS if path.name == "first_steps.ipynb"))
    assert names["report"].added == 359
    assert shown[1] is names["result"]
    assert shown[1]._repr_html_().count("data:image/jpeg;base64,") == 13
    assert "http" not in shown[1]._repr_html_()
    assert shown[3].num_rows == 5
    before, after = next(value for value in shown if value == (names["before"].count("5"), names["after"].count("5")))
    assert after >= before
    assert names["scores"].mean() > 0.4  # by chance 0.1
