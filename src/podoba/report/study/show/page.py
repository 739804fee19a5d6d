"""The page: one file with all that it needs in it."""

import json
import re
from html import escape
from importlib.resources import files
from typing import Any

from podoba.charts import script as charts
from podoba.report.study.texts import LANGUAGES, catalogue

# In the order in which they are run, after the charts.
SCRIPTS = (
    "page.js", "tables.js", "pictures.js", "curves.js", "maps.js", "confusion.js", "sheets.js", "samples.js", "findings.js",
    "caveats.js", "repeat.js", "main.js",
)  # fmt: skip


def render(data: dict[str, Any]) -> str:
    """The HTML of a report of this data; it asks no other host for anything, and its own policy forbids it to."""
    assets = files("podoba.report.study") / "assets"
    scripts = [(assets / name).read_text(encoding="utf-8") for name in SCRIPTS]
    parts = {
        "<!--TITLE-->": escape(data["title"]),
        "/*STYLE*/": charts.style() + (assets / "page.css").read_text(encoding="utf-8"),
        "/*TEXTS*/": _embedded({language: catalogue(language) for language in LANGUAGES}),
        "/*DATA*/": _embedded(data),
        "/*SCRIPT*/": "\n".join(['"use strict";', charts.one_script(), *scripts]),
    }
    page = (assets / "page.html").read_text(encoding="utf-8")
    marks = "|".join(re.escape(mark) for mark in parts)
    return re.sub(marks, lambda found: parts[found[0]], page)  # at once: a class may be called as a mark is


def _embedded(values: dict[str, Any]) -> str:
    """JSON that ends no script element, whatever a class or a file is called."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
