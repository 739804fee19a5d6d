"""The results of a search for a person at a terminal: a table, and the pictures above it."""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from PIL import Image
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from podoba.cli.console import printable, text_width
from podoba.cli.terminal.pictures import can_encode, protocol_of, strip
from podoba.collection.search.results import Hit, SearchResult
from podoba.collection.search.thumbnails import small_jpeg
from podoba.errors import PodobaError
from podoba.images.locate import find_record

BAR = 8  # characters of a probability of 1
SIDE = 256  # pixels of a picture
WIDEST_LABEL = 24  # characters
LEAST = 12  # characters of a path in the table: those of IMG_0001.jpg


def print_results(result: SearchResult, pictures: bool | None) -> None:
    """Write the results to the terminal on stdout.

    Args:
        pictures: True: at any rate; False: none; None: where the terminal has a protocol for them and NO_COLOR is not set.
    """
    console = Console(file=sys.stdout, highlight=False)
    how = way_of_drawing(pictures, os.environ, console.encoding)
    if how is not None:
        sys.stdout.write(_strip(result, console.width, how))
        sys.stdout.flush()
    console.print(table(result.hits, console.width, console.encoding))


def way_of_drawing(pictures: bool | None, environment: Mapping[str, str], encoding: str = "utf-8") -> str | None:
    """A protocol, `half-blocks`, or None for no pictures."""
    if pictures is False or (pictures is None and environment.get("NO_COLOR")):
        return None
    return protocol_of(environment) or ("half-blocks" if pictures and can_encode("▀", encoding) else None)


def table(hits: Sequence[Hit], width: int, encoding: str = "utf-8") -> Table | Text:
    """Rank, similarity, probability with a bar or score, label, image, id; the path is shortened to what is left of a width.

    On a terminal too narrow for that: some lines a hit, with nothing left out but the middle of a path.
    """
    known, labelled = any(hit.probability is not None for hit in hits), any(hit.label is not None for hit in hits)
    labels = [_readable(hit.label or "", encoding) for hit in hits]
    widest = min(WIDEST_LABEL, max(map(text_width, ["label", *labels])))
    longest = max((len(bar(hit.probability, encoding)) for hit in hits if hit.probability is not None), default=0)
    chances = max(len("probability"), len("100.0% ") + longest)
    scored = any(hit.score is not None for hit in hits)
    told = [*([chances] if known else []), *([len("score")] if scored else [])]
    columns = [len(str(len(hits))), len("similarity"), *told, *([widest] if labelled else []), 0, 16]
    left = width - sum(columns) - 3 * len(columns) - 1  # each has a space on both sides, and a line of the box between them
    if left < LEAST:
        return Text("\n").join(_lines(hit, label, width, encoding) for hit, label in zip(hits, labels, strict=True))
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    shown.add_column("", justify="right", style="dim")
    shown.add_column("similarity", justify="right", no_wrap=True)
    if known:
        shown.add_column("probability", no_wrap=True)
    if scored:
        shown.add_column("score", justify="right", no_wrap=True)
    if labelled:
        shown.add_column("label", style="bold", no_wrap=True, max_width=WIDEST_LABEL)
    shown.add_column("image", no_wrap=True, overflow="ellipsis")
    shown.add_column("id", style="dim", no_wrap=True)
    for hit, label in zip(hits, labels, strict=True):
        chance = hit.probability
        cells = [Text(str(hit.rank)), Text(f"{hit.similarity:.4f}")]
        if known:
            cells.append(Text() if chance is None else Text.assemble(f"{chance:6.1%} ", (bar(chance, encoding), "cyan")))
        if scored:
            cells.append(Text("" if hit.score is None else f"{hit.score:.2f}"))
        if labelled:
            cells.append(Text(label))
        shown.add_row(*cells, Text(shorten(_readable(hit.uri, encoding), left, encoding)), Text(hit.id))
    return shown


def _lines(hit: Hit, label: str, width: int, encoding: str) -> Text:
    """A hit on lines of its own: numbers and label, the image, the id."""
    chance = "" if hit.probability is None else f" {hit.probability:.1%}"
    score = "" if hit.score is None else f" score {hit.score:.2f}"
    path = shorten(_readable(hit.uri, encoding), max(LEAST, width - 3), encoding)
    numbers = f"{hit.rank}. {hit.similarity:.4f}{chance}{score} "
    return Text.assemble(numbers, (label, "bold"), f"\n   {path}\n   ", (hit.id, "dim"))


def bar(share: float, encoding: str = "utf-8") -> str:
    """A share in [0, 1] as a bar of at most `BAR` characters."""
    if not can_encode("━╸", encoding):
        return "#" * round(share * BAR)
    halves = round(share * BAR * 2)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def shorten(path: str, width: int, encoding: str = "utf-8") -> str:
    """A path that fits: folders are left out from the left, then the middle of the name; how it ends is always shown."""
    if text_width(path) <= width:
        return path
    gap = "…" if can_encode("…", encoding) else "~"
    parts = path.split("/")
    for start in range(1, len(parts)):
        rest = f"{gap}/" + "/".join(parts[start:])
        if text_width(rest) <= width:
            return rest
    name = parts[-1]
    tail = name[-(width - 1) * 2 // 3 :]
    while text_width(tail) > (width - 1) * 2 // 3:
        tail = tail[1:]
    head = name[: width - 1]
    while text_width(head) > width - 1 - text_width(tail):
        head = head[:-1]
    return f"{head}{gap}{tail}"


def _readable(text: str, encoding: str) -> str:
    """A text as the terminal will show it: letters that its encoding does not have are escaped."""
    return printable(text).encode(encoding, "backslashreplace").decode(encoding)


def _strip(result: SearchResult, width: int, how: str) -> str:
    queries = [(_picture(uri), "query") for uri in result.query_uris]
    hits = [(_picture(hit.uri), f"{hit.rank}. {printable(hit.label or PurePath(hit.uri).name)}") for hit in result.hits]
    return strip([*queries, *hits], width, how, os.environ)


def _picture(uri: str) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(small_jpeg(find_record(uri).open(), uri, SIDE)))
    except PodobaError:
        return None
