"""The documentation is what the program does: its commands and examples run, its generated pages are the program's."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.cli.help_pages import help_pages

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
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


RUN = [page for page in PAGES if (commands(page) or examples(page)) and page.name != "README.uk.md"]
LONG = (  # near to the README, to tests of the same commands in tests/cli/commands, and of the functions that are called
    "docs/how-to/client.md",
    "docs/how-to/compare-in-a-study.md",
    "docs/how-to/find-duplicates.md",
    "docs/how-to/index-photographs.md",
    "docs/how-to/map.md",
    "docs/how-to/python.md",
    "docs/how-to/search.md",
    "docs/reference/models.md",
    "docs/reference/python/learn.md",
    "docs/reference/python/study.md",
    "docs/tutorial/first-model.md",
    "docs/tutorial/first-steps.md",
)


def run(command: list[str], folder: Path) -> None:
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "PODOBA_CACHE": str(folder / "cache")}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder with the plans and configurations of the source, in which a command was run: once for all pages that begin so."""
    kept: dict[str, Path] = {}

    def begin(line: str) -> Path:
        if line not in kept:
            folder = tmp_path_factory.mktemp("begun")
            for copied in ("configs", "studies"):
                shutil.copytree(ROOT / copied, folder / copied)
            program = folder / "bin" / "podoba"
            program.parent.mkdir()
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m podoba "$@"\n', encoding="utf-8")
            program.chmod(0o755)
            run(["bash", "-c", line], folder)
            kept[line] = folder
        return kept[line]

    return begin


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[pytest.mark.thorough] * (name(page) in LONG), id=name(page)) for page in RUN]
)
def test_the_commands_of_a_page_run_in_their_order_and_then_its_examples(
    page: Path, tmp_path: Path, begun: Callable[[str], Path]
) -> None:
    first, *others = commands(page) or ["true"]
    folder = shutil.copytree(begun(first), tmp_path / "page")
    for line in others:
        run(["bash", "-c", line], folder)
    if examples(page):
        script = folder / "examples.py"
        script.write_text("\n".join(examples(page)), encoding="utf-8")
        run([sys.executable, str(script)], folder)


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
