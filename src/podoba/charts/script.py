"""The charts' ES modules as one classic script, for a page that is a single file: such a page can import nothing."""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"  # as a served page finds them below `/static`
FOLDER = STATIC / "charts"
# Each after those that it imports from.
MODULES = ("elements.js", "tip.js", "scales.js", "lines.js", "matrix.js", "intervals.js", "table.js")
STYLE = STATIC / "styles" / "charts.css"
IMPORT = re.compile(r'^import \{[^}\n]*\} from "\./[\w.]+";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function) )", re.MULTILINE)
LEFT = re.compile(r"^\s*(import|export)\b.*", re.MULTILINE)


def one_script() -> str:
    """All modules in one scope, where what one imports from another is there already."""
    return "\n".join(without_modules((FOLDER / name).read_text(encoding="utf-8")) for name in MODULES)


def style() -> str:
    """How the charts look: the colours of series in both themes, axes, matrices."""
    return STYLE.read_text(encoding="utf-8")


def without_modules(source: str) -> str:
    """The source of a module without its lines of import and its words of export.

    Raises:
        ValueError: another form of either than `import {a, b} from "./c.js";` and `export function` or `export const`.
    """
    plain = EXPORT.sub("", IMPORT.sub("", source))
    left = LEFT.search(plain)
    if left is not None:
        raise ValueError(f"cannot be put into one script: {left[0].strip()}")
    return plain
