"""Which JavaScript modules a page loads, so that the browser asks for all of them at once."""

import posixpath
import re
from functools import cache
from pathlib import Path

from podoba.charts.script import STATIC as CHARTS

STATIC = Path(__file__).parent / "static"
ROOTS = (STATIC, CHARTS)  # of what is below `/static`
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
        text = file_of(module).read_text(encoding="utf-8")
        waiting += [posixpath.normpath(posixpath.join(folder, first or second)) for first, second in IMPORT.findall(text)]
    return tuple(found)


def file_of(name: str) -> Path:
    """The file of a name below `/static`. Raises `FileNotFoundError`."""
    found = next((root / name for root in ROOTS if (root / name).is_file()), None)
    if found is None:
        raise FileNotFoundError(name)
    return found
