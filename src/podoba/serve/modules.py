"""Which JavaScript modules a page loads, so that the browser asks for all of them at once."""

import posixpath
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r"""^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']""", re.MULTILINE)


@cache
def modules_of(name: str) -> tuple[str, ...]:
    """A module and all that it imports, each once, by their names below `static`."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found[module] = None
        folder = posixpath.dirname(module)
        text = (STATIC / module).read_text(encoding="utf-8")
        waiting += [posixpath.normpath(posixpath.join(folder, first or second)) for first, second in IMPORT.findall(text)]
    return tuple(found)
