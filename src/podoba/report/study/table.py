"""Tables once: the same numbers on the page and as CSV, Markdown and LaTeX."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from podoba.files import write_csv
from podoba.metrics.intervals import Estimate
from podoba.report.study.texts import say

WIDE = 8  # columns beyond which a table is wider than a page


@dataclass(frozen=True)
class Word:
    """A cell in words that are in the catalogue; `values` fill its braces."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return say(self.key, **self.values)


Value = str | int | float | Word | Estimate | None


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: names it in files; its heading is the text `column.<key>` of the catalogue unless `title` is given.
        digits: decimal places of its numbers; None: whole numbers or words.
        best: which end is the better one, shown in bold.
    """

    key: str
    digits: int | None = None
    best: Literal["high", "low"] | None = None
    title: str | None = None

    @property
    def heading(self) -> str:
        """In English."""
        return self.title if self.title is not None else say(f"column.{self.key}")


@dataclass(frozen=True)
class Table:
    """Rows of values by column key; a missing value is unknown.

    Attributes:
        row_digits: decimal places of the numbers of each row, where the rows are of different quantities.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Value]]
    row_digits: Sequence[int] = ()

    def shown(self, row: int, column: Column) -> str:
        """A cell as a person reads it."""
        return shown(self.rows[row].get(column.key), self.row_digits[row] if self.row_digits else column.digits)

    def to_json(self) -> dict[str, Any]:
        """What the page draws it from."""
        columns = [
            {k: v for k, v in {"key": c.key, "digits": c.digits, "best": c.best, "title": c.title}.items() if v is not None}
            for c in self.columns
        ]
        return {
            "name": self.name,
            "columns": columns,
            "rows": [[plain(row.get(c.key)) for c in self.columns] for row in self.rows],
            "row_digits": list(self.row_digits),
        }


@dataclass(frozen=True)
class PublishedTables:
    """Tables in the form of a publication, its numbers beside those of the study where they compare.

    Attributes:
        tables: by their caption.
    """

    heading: Word
    note: Word
    tables: Mapping[str, Table]

    def to_json(self) -> dict[str, Any]:
        """What the page draws them from."""
        tables = [{"caption": caption, "table": table.to_json()} for caption, table in self.tables.items()]
        return {"heading": plain(self.heading), "note": plain(self.note), "tables": tables}


def write_table(table: Table, folder: Path) -> None:
    """Write `<name>.csv`, `<name>.md` and `<name>.tex` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending, text in (("csv", to_csv(table)), ("md", to_markdown(table)), ("tex", to_latex(table))):
        (folder / f"{table.name}.{ending}").write_text(text, encoding="utf-8", newline="")


def to_csv(table: Table) -> str:
    """All digits; a mean with an interval takes four columns: `x`, `x_low`, `x_high`, `x_n`."""
    wide = {c.key for c in table.columns if any(isinstance(row.get(c.key), Estimate) for row in table.rows)}
    out = io.StringIO()
    heading = [name for c in table.columns for name in _names(c.key, c.key in wide)]
    rows = ([cell for c in table.columns for cell in _csv_cells(row.get(c.key), c.key in wide)] for row in table.rows)
    write_csv(out, [heading, *rows])
    return out.getvalue()


def to_markdown(table: Table) -> str:
    """A pipe table; numbers to the right."""
    lines = ["| " + " | ".join(_markdown(c.heading) for c in table.columns) + " |"]
    lines.append("|" + "|".join(" ---: " if _numeric(table, c) else " --- " for c in table.columns) + "|")
    lines += ["| " + " | ".join(_markdown(table.shown(row, c)) for c in table.columns) + " |" for row in range(len(table.rows))]
    return "\n".join(lines) + "\n"


def to_latex(table: Table) -> str:
    """A `tabular` with the rules of the booktabs package."""
    layout = "".join("r" if _numeric(table, c) else "l" for c in table.columns)
    wide = " and, being wide, \\resizebox{\\textwidth}{!}{...} of graphicx around it" if len(table.columns) > WIDE else ""
    lines = [
        f"% needs \\usepackage{{booktabs}}{wide}",
        f"\\begin{{tabular}}{{{layout}}}",
        "\\toprule",
        " & ".join(_latex(c.heading) for c in table.columns) + r" \\",
        "\\midrule",
        *(" & ".join(_latex(table.shown(row, c)) for c in table.columns) + r" \\" for row in range(len(table.rows))),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def shown(value: Value, digits: int | None) -> str:
    """A value as a person reads it; unknown is a dash."""
    if value is None:
        return "–"
    if isinstance(value, Estimate):
        mean = _number(value.mean, digits)
        return mean if value.half is None else f"{mean} ± {_number(value.half, digits)}"
    return _number(value, digits) if isinstance(value, int | float) else str(value)


def plain(value: Value) -> Any:
    """A value as JSON can hold it, for the page: words by their key, an estimate as mean, ends of its interval, and n."""
    if isinstance(value, Word):
        return {"t": value.key, "v": dict(value.values)}
    if isinstance(value, Estimate):
        return {"m": value.mean, "l": value.low, "h": value.high, "n": value.n}
    return value


def _number(value: float, digits: int | None) -> str:
    if not math.isfinite(value):
        return "–"
    if digits is None:
        return f"{value:g}" if isinstance(value, float) and value != int(value) else str(int(value))
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")  # there is no zero below zero


def _names(key: str, wide: bool) -> list[str]:
    return [key, f"{key}_low", f"{key}_high", f"{key}_n"] if wide else [key]


def _csv_cells(value: Value, wide: bool) -> list[str]:
    if isinstance(value, Estimate):
        return [_full(value.mean), _full(value.low), _full(value.high), str(value.n)]
    text = _full(value) if isinstance(value, int | float) or value is None else str(value)
    return [text, "", "", ""] if wide else [text]


def _full(value: float | None) -> str:
    return "" if value is None else repr(value)


def _numeric(table: Table, column: Column) -> bool:
    values = [row.get(column.key) for row in table.rows if row.get(column.key) is not None]
    return bool(values) and all(isinstance(value, int | float | Estimate) for value in values)


_MARKS = r"([\\|`*<>$~\[\]]|(?<![^\W_])_|_(?![^\W_]))"  # what Markdown reads as more than itself; not `_` within a word


def _markdown(text: str) -> str:
    return re.sub(_MARKS, r"\\\1", " ".join(text.split()))


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "–": "--", "−": "$-$", "→": r"$\rightarrow$",
}  # fmt: skip


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in " ".join(text.split()))
