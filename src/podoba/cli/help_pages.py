"""The help of every command as one page: `python -m podoba.cli.help_pages docs/reference/commands.md` writes it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from podoba.cli.program import app

WIDTH = 100
INTRODUCTION = """# Commands

What `podoba COMMAND --help` prints. Common to all: results on stdout, messages and progress on stderr; `--json` prints one JSON
object and nothing else on stdout; the exit code is 0, or 1 after one line `error: ...`, 2 after wrong usage, 130 after
Ctrl-C, which loses nothing that was finished; it is 1 without a line where whoever read the output has gone, as `| head` does.
`--debug` adds the traceback to an error.
"""


def help_pages() -> str:
    """The page, as Markdown."""
    pages = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in _pages(get_command(app), "podoba", None)]
    return "\n".join([INTRODUCTION, *pages])


def _pages(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    """Names and help texts of a command and of those under it."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
    yield context.command_path, command.get_help(context)
    for inner in getattr(command, "commands", {}).values():
        yield from _pages(inner, inner.name, context)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(help_pages(), encoding="utf-8")
