"""What the commands print with: messages on stderr, results on stdout."""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unicodedata import combining, east_asian_width

from podoba.images.record import Skipped, count_reasons
from podoba.images.sources.base import ImageSource

SHOWN_SKIPPED = 20  # unreadable images named one by one; `--json` has them all


def print_json(values: Mapping[str, Any]) -> None:
    """One JSON object on stdout, and nothing else."""
    sys.stdout.write(json.dumps(values, indent=2, ensure_ascii=False, default=str) + "\n")


def print_outcome(as_json: bool, values: Mapping[str, Any], sentence: str) -> None:
    """What a command did: as JSON on stdout, or for a person as one sentence on stderr."""
    if as_json:
        print_json(values)
    else:
        say(sentence)


def print_line(text: str) -> None:
    """One line of a result on stdout, as it is."""
    sys.stdout.write(printable(text) + "\n")


def print_facts(facts: Mapping[str, Any], as_json: bool) -> None:
    """Print what is known of something, as JSON or a line for each key."""
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            print_line(f"{key}: {', '.join(f'{name} {fact}' for name, fact in value.items() if fact is not None)}")
        elif isinstance(value, list):
            print_line(f"{key}: {', '.join(map(str, value)) or 'none'}")
        elif value is not None:
            print_line(f"{key}: {value}")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], total: Sequence[str] = ()) -> None:
    """A table on stdout: plain lines, columns as wide as their texts, those of numbers to the right."""
    body = [[printable(cell) for cell in row] for row in [columns, *rows, *([total] if total else [])]]
    widths = [max(text_width(row[i]) for row in body) for i in range(len(columns))]
    numeric = [all(_NUMBER.fullmatch(row[i]) for row in rows) for i in range(len(columns))]
    rule = "  ".join("-" * width for width in widths)
    lines = [_aligned(row, widths, numeric) for row in body]
    lines.insert(1, rule)
    if total:
        lines.insert(len(lines) - 1, rule)
    sys.stdout.write("\n".join(lines) + "\n")


_NUMBER = re.compile(r"-?[\d,]*\.?\d*")


def _aligned(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = []
    for cell, width, right in zip(row, widths, numeric, strict=True):
        space = " " * (width - text_width(cell))
        cells.append(space + cell if right else cell + space)
    return "  ".join(cells).rstrip()


def text_width(text: str) -> int:
    """Columns of a terminal that a text takes: letters of East Asian scripts and most pictographs take two, marks none."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def printable(text: str) -> str:
    """A text that breaks neither the line nor the terminal: control characters and bytes of no encoding are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def say(text: str) -> None:
    """One plain line on stderr."""
    print(printable(text), file=sys.stderr, flush=True)


def confirmed(question: str) -> bool:
    """Whether a person at a terminal says yes; no where there is nobody to be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{printable(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def say_skipped(skipped: Sequence[Skipped]) -> None:
    """Name the images that could not be read, each with its reason; of many the first ones; and how often each reason came."""
    for row in skipped[:SHOWN_SKIPPED]:
        say(f"skipped: {row.uri}: {row.reason}")
    if len(skipped) > 1:
        counts = "; ".join(f"{count} {reason}" for reason, count in count_reasons(skipped).items())
        say(f"skipped, {len(skipped)} in all: {counts}")


def say_beside(sources: Sequence[ImageSource]) -> None:
    """What a person should know of sources: how they were understood, and what was passed over; two parts of one place once."""
    for line in dict.fromkeys(line for source in sources for line in source.beside.in_words()):
        say(f"note: {line}")


class _Printer(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(self.format(record))


@contextmanager
def printed_log() -> Iterator[None]:
    """Meanwhile the messages of the logger `podoba`, from INFO on, are printed on stderr, a line each."""
    logger, printer = logging.getLogger("podoba"), _Printer()
    before = logger.level
    logger.addHandler(printer)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(printer)
