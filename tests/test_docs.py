"""The documentation is what the program does: its commands and examples run, its generated pages are the program's."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from podoba.cli.help_pages import help_pages

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = [  # pages whose Python stands on its own, or on the commands of the page
    ROOT / "docs" / "tutorial" / "first-steps.md",
    ROOT / "docs" / "how-to" / "python.md",
    *sorted(page for page in (ROOT / "docs" / "reference" / "python").glob("*.md") if page.name != "index.md"),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    """Lines `$ podoba ...` of the console blocks of a page, continued lines joined."""
    blocks = [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == "console"]
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def examples(page: Path) -> list[str]:
    """The `python` blocks of a page."""
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == "python"]


def run_commands(page: Path, folder: Path) -> None:
    """Run the commands of a page in a folder that has nothing but the plans and configurations of the source."""
    for name in ("configs", "studies"):
        shutil.copytree(ROOT / name, folder / name)
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    program = bin_folder / "podoba"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m podoba "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{bin_folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    for line in commands(page):
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env={**os.environ, "PATH": path, "PODOBA_CACHE": str(folder / "cache")},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if commands(page) and page.name != "README.uk.md" and page not in EXAMPLES], ids=name
)
def test_every_command_of_a_page_runs_in_its_order(page: Path, tmp_path: Path) -> None:
    run_commands(page, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", EXAMPLES, ids=name)
def test_every_example_of_a_page_runs_after_its_commands(page: Path, tmp_path: Path) -> None:
    assert examples(page)
    run_commands(page, tmp_path)
    script = tmp_path / "examples.py"
    script.write_text("\n".join(examples(page)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={**os.environ, "PODOBA_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_runs_python_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names that the README's Python uses are there; what it does is tested where it is done."""
    import podoba

    python = [text for kind, text in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")) if kind == "python"]
    assert python
    for text in python:
        compile(text, "README.md", "exec")
        assert [used for used in re.findall(r"\bpodoba\.(\w+)", text) if not hasattr(podoba, used)] == []


def test_both_readmes_show_the_same_commands() -> None:
    english, ukrainian = ROOT / "README.md", ROOT / "README.uk.md"
    assert commands(english) == commands(ukrainian)
    code = [
        [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == "python"]
        for page in (english, ukrainian)
    ]
    assert code[0] == code[1]


def test_the_pages_of_help_are_those_of_the_program() -> None:
    assert (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8") == help_pages(), "run `make docs`"


def test_the_page_of_settings_is_that_of_the_program() -> None:
    settings_page = runpy.run_path(str(ROOT / ".ci" / "settings_page.py"))["settings_page"]
    assert (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8") == settings_page(), "run `make docs`"


def test_every_public_name_is_on_the_page_of_the_api() -> None:
    import podoba

    page = (ROOT / "docs" / "reference" / "python" / "index.md").read_text(encoding="utf-8")
    table = page.split("\n\n| room")[0]
    assert set(re.findall(r"`(\w+)`", table.split("| name")[1])) - {"podoba"} == set(podoba.__all__)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []
