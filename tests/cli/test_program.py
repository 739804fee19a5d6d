"""The commands as a whole: help, examples, wrong usage."""

from __future__ import annotations

import re
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.main import get_command

from podoba import __version__
from podoba.cli.program import app

HEAVY = {
    "torch", "faiss", "onnxruntime", "pyarrow", "numpy", "PIL", "sklearn", "matplotlib", "timm", "pydantic", "rich", "fastapi",
    "uvicorn", "jinja2",
}  # fmt: skip
COMMANDS = (
    "demo", "train", "evaluate", "study", "report", "index", "search", "serve", "mcp", "mark", "duplicates", "map", "info",
    "check", "remove", "export", "import", "copy", "cache", "models", "vectors",
)  # fmt: skip
GROUPS = {
    "models": ("list", "show", "pull", "import", "export", "quantize"),
    "vectors": ("load", "info", "remove"),
}
OVER = ((), *((group,) for group in GROUPS))  # what has commands of its own


def every_command() -> Iterator[tuple[str, ...]]:
    yield ()
    yield from ((name,) for name in COMMANDS)
    yield from ((group, name) for group, names in GROUPS.items() for name in names)


def test_help_loads_nothing_heavy_and_takes_no_time() -> None:
    code = f"""
import sys
from podoba.cli.main import run
sys.argv = ["podoba", "--help"]
try:
    run()
finally:
    print(sorted({HEAVY!r} & {{name.partition(".")[0] for name in sys.modules}}), file=sys.stderr)
"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stderr.strip() == "[]"
    assert "search" in done.stdout
    # Processor time, which other work on the machine does not change much.
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 0.4


def test_the_commands_are_those_of_the_documentation() -> None:
    group: Any = get_command(app)
    assert tuple(group.commands) == COMMANDS
    assert {name: tuple(group.commands[name].commands) for name in GROUPS} == GROUPS


@pytest.mark.parametrize("names", every_command())
def test_every_command_has_help_with_examples(command: Callable[..., Any], names: tuple[str, ...]) -> None:
    done = command(*names, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: podoba {' '.join(names)}".rstrip())
    assert names in OVER or "Examples:\n" in done.out
    assert command(*names, "-h").out == done.out


@pytest.mark.parametrize("names", [names for names in every_command() if names not in OVER])
def test_every_example_is_a_command_that_is_understood(names: tuple[str, ...]) -> None:
    group: Any = get_command(app)
    found: Any = group
    for name in names:
        found = found.commands[name]
    examples = re.findall(r"^\s+podoba (.+)$", found.help, re.MULTILINE)
    assert examples
    for example in examples:
        words = shlex.split(example)
        assert tuple(words[: len(names)]) == names
        found.make_context(names[-1], words[len(names) :])


def test_json_is_an_option_of_every_command() -> None:
    group: Any = get_command(app)
    named = [name for name in COMMANDS if name not in GROUPS and name != "mcp"]  # whose output is a protocol
    leaves = [group.commands[name] for name in named] + [
        leaf for over in GROUPS for leaf in group.commands[over].commands.values()
    ]
    assert [leaf.name for leaf in leaves if "--json" not in [o for p in leaf.params for o in p.opts]] == []


def test_version(command: Callable[..., Any]) -> None:
    assert command("--version").out == f"podoba {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), ""),
        (("serch",), "search"),
        (("search",), "COLLECTION"),
        (("search", "x.podoba", "y.png", "-k", "0"), "-k"),
        (("search", "x.podoba", "y.png", "--json", "--csv"), "--json"),
        (("search", "x.podoba", "y.png", "--wher", "1"), "--where"),
        (("remove", "x.podoba"), "--where"),
        (("train", "photos"), "--out"),
    ],
)
def test_wrong_usage_ends_with_2(command: Callable[..., Any], arguments: tuple[str, ...], message: str) -> None:
    done = command(*arguments)
    assert done.code == 2
    assert message in done.err
    assert "error:" not in done.out
