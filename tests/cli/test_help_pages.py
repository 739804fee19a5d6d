"""The page of help; that the documentation has it as it is now is tested with the documentation."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from podoba.cli.help_pages import WIDTH, help_pages


def test_every_command_has_a_section_in_lines_that_fit(tmp_path: Path) -> None:
    page = help_pages()
    names = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert names[:2] == ["podoba", "podoba demo"]
    assert {"podoba search", "podoba models", "podoba models pull"} <= set(names)
    assert len(names) == len(set(names)) == page.count("Usage: podoba")
    help_lines = [line for block in re.findall(r"```text\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert [line for line in help_lines if len(line) > WIDTH and not line.startswith("  ")] == []
    subprocess.run([sys.executable, "-m", "podoba.cli.help_pages", str(tmp_path / "page.md")], check=True)
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page
