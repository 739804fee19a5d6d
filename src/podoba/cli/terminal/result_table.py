"""The results of a search for a person at a terminal: a table, and the pictures above it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from podoba.cli.console import printable, text_width

if TYPE_CHECKING:
    from PIL import Image
    from rich.table import Table

    from podoba.collection.search.results import Hit, SearchResult

BAR = 8  # characters of a probability of 1
SIDE = 256  # pixels of a picture
WIDEST_LABEL = 24  # characters
LEAST = 16  # characters that a path is given at least


def print_results(result: SearchResult, pictures: bool | None) -> None:
    """Write the results to the terminal on stdout.

    Args:
        pictures: True: at any rate; False: none; None: where the terminal has a protocol for them and NO_COLOR is not set.
    """
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False)
    how = way_of_drawing(pictures, os.environ)
    if how is not None:
        sys.stdout.write(_strip(result, console.width, how))
        sys.stdout.flush()
    console.print(table(result.hits, console.width))


def way_of_drawing(pictures: bool | None, environment: Mapping[str, str]) -> str | None:
    """A protocol, `half-blocks`, or None for no pictures."""
    from podoba.cli.terminal.pictures import protocol_of

    if pictures is False or (pictures is None and environment.get("NO_COLOR")):
        return None
    return protocol_of(environment) or ("half-blocks" if pictures else None)


def table(hits: Sequence[Hit], width: int) -> Table:
    """Rank, similarity, probability with a bar, label, image and id; the image's path is shortened to what is left of a width."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    known, labelled = any(hit.probability is not None for hit in hits), any(hit.label is not None for hit in hits)
    labels = [printable(hit.label or "") for hit in hits]
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    shown.add_column("", justify="right", style="dim")
    shown.add_column("similarity", justify="right", no_wrap=True)
    if known:
        shown.add_column("probability", no_wrap=True)
    if labelled:
        shown.add_column("label", style="bold", no_wrap=True, max_width=WIDEST_LABEL)
    shown.add_column("image", no_wrap=True, overflow="ellipsis")
    shown.add_column("id", style="dim", no_wrap=True)
    widest = min(WIDEST_LABEL, max(map(text_width, ["label", *labels])))
    columns = [len(str(len(hits))), len("similarity"), *([BAR + 7] if known else []), *([widest] if labelled else []), 0, 16]
    taken = sum(columns) + 3 * len(columns) + 1  # each has a space on both sides, and a line of the box between them
    for hit, label in zip(hits, labels, strict=True):
        chance = hit.probability
        cells = [Text(str(hit.rank)), Text(f"{hit.similarity:.4f}")]
        if known:
            cells.append(Text() if chance is None else Text.assemble(f"{chance:6.1%} ", (bar(chance), "cyan")))
        if labelled:
            cells.append(Text(label))
        shown.add_row(*cells, Text(shorten(printable(hit.uri), max(LEAST, width - taken))), Text(hit.id))
    return shown


def bar(share: float) -> str:
    """A share in [0, 1] as a bar of at most `BAR` characters."""
    halves = round(share * BAR * 2)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def shorten(path: str, width: int) -> str:
    """A path that fits: folders are left out from the left, then the middle of the name; how it ends is always shown."""
    if text_width(path) <= width:
        return path
    parts = path.split("/")
    for start in range(1, len(parts)):
        rest = "…/" + "/".join(parts[start:])
        if text_width(rest) <= width:
            return rest
    name = parts[-1]
    tail = name[-(width - 1) * 2 // 3 :]
    while text_width(tail) > (width - 1) * 2 // 3:
        tail = tail[1:]
    head = name[: width - 1]
    while text_width(head) > width - 1 - text_width(tail):
        head = head[:-1]
    return f"{head}…{tail}"


def _strip(result: SearchResult, width: int, how: str) -> str:
    from podoba.cli.terminal.pictures import strip

    asked = [(_picture(uri), "query") for uri in result.asked]
    hits = [(_picture(hit.uri), f"{hit.rank}. {printable(hit.label or PurePath(hit.uri).name)}") for hit in result.hits]
    return strip([*asked, *hits], width, how, os.environ)


def _picture(uri: str) -> Image.Image | None:
    from PIL import Image

    from podoba.collection.search.thumbnails import small_jpeg
    from podoba.errors import PodobaError
    from podoba.images.locate import find_record

    try:
        return Image.open(io.BytesIO(small_jpeg(find_record(uri).open(), uri, SIDE)))
    except PodobaError:
        return None
