"""`podoba search`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from podoba.cli.commands.learning.models import open_encoder
from podoba.cli.console import print_json, print_table, say
from podoba.cli.options import COLLECTION, JSON, WHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podoba.collection.search.query import Part
    from podoba.collection.search.results import Hit, SearchResult


class SearchCommand(TyperCommand):
    """`podoba search`; `--feedback` may stand without a name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual name after a `--feedback` that none follows."""
        if "--feedback" in args:
            from podoba.ranking.relevance_feedback import METHODS

            end = args.index("--") if "--" in args else len(args)
            for place in [i for i, word in enumerate(args[:end]) if word == "--feedback"]:
                if args[place + 1 : place + 2] == [] or args[place + 1] not in METHODS:
                    args = [*args[:place], f"--feedback={next(iter(METHODS))}", *args[place + 1 :]]
        return super().parse_args(ctx, args)


def search(
    collection: Path = COLLECTION,
    queries: list[str] = typer.Argument(
        ..., metavar="IMAGE|id:ID", help="Pictures, items of the collection by id, descriptors (.npy); a weight as a.jpg@0.5."
    ),
    unwanted: list[str] = typer.Option(
        [], "--not", metavar="IMAGE|id:ID", help="What the results should be unlike; may be repeated; a weight as c.jpg@0.1."
    ),
    boxes: list[str] = typer.Option(
        [], "--box", metavar="X,Y,W,H", help="Only this part of the first picture, in its pixels; repeated: of the second ..."
    ),
    k: int = typer.Option(10, "-k", min=1, help="Number of results."),
    where: str | None = WHERE,
    min_probability: float | None = typer.Option(
        None, "--min-probability", min=0, max=1, help="Only results at least this likely to be of the query's kind."
    ),
    diversity: float = typer.Option(
        0.0, "--diversity", min=0, max=1, help="How much a result loses by being like the ones before it, such as 0.5."
    ),
    rerank: str | None = typer.Option(
        None,
        "--rerank",
        metavar="NAME",
        help="Another order: exemplar, k-reciprocal, query-expansion, whitening, database-augmentation "
        "(see docs/how-to/search.md).",
    ),
    feedback: str | None = typer.Option(
        None,
        "--feedback",
        metavar="[NAME]",
        help="Use what was marked of these pictures (`podoba mark`): linear-probe, which is usual, or rocchio.",
    ),
    pictures: bool | None = typer.Option(
        None,
        "--pictures/--no-pictures",
        help="Draw the results in the terminal; by itself it does so where the terminal has a protocol for pictures.",
    ),
    sheet: Path | None = typer.Option(None, "--sheet", help="Draw query and results into this PNG."),
    page: Path | None = typer.Option(None, "--html", help="Write the results with their pictures as one HTML file."),
    model: str | None = typer.Option(None, "--model", help="Where the collection's model is now, if it was moved."),
    as_json: bool = JSON,
    as_csv: bool = typer.Option(False, "--csv", help="Print as CSV."),
) -> None:
    """Find the images most like a picture, or like several and unlike others.

    \b
    Examples:
      podoba search photos.podoba holiday.jpg
      podoba search photos.podoba beach.jpg dog.jpg@0.5 --not sunset.jpg --diversity 0.3
      podoba search photos.podoba street.jpg --box 120,80,300,200 --html found.html
      podoba search photos.podoba id:0123456789abcdef --where "width > 1000" --json
    """
    from podoba.collection.collection import Collection
    from podoba.collection.search.query import is_descriptor

    if pictures and (as_json or as_csv or not sys.stdout.isatty()):
        raise typer.BadParameter("--pictures draws in a terminal; --html FILE and --sheet FILE write them")
    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv, not both")
    wanted, refused = _parts(queries, boxes), _parts(unwanted, [])
    with Collection.open(collection, read_only=True) as opened:
        needed = [part for part in (*wanted, *refused) if not is_descriptor(part) and (part.box or not _is_item(part))]
        encoder = None if model is None or not needed else open_encoder(model)
        result = opened.search(
            wanted, unwanted=refused, encoder=encoder, k=k, where=where,
            min_probability=min_probability, diversity=diversity, rerank=rerank, feedback=feedback,
        )  # fmt: skip
        filtered_out = where is not None and not result.hits and not opened.count(where)
    if result.marks == 0:
        say("nothing was marked of this query yet (`podoba mark`), so nothing was learned from")
    if sheet is not None:
        _draw(result, sheet)
    if page is not None:
        _write(result, page)
    if as_json:
        print_json(result.to_json())
    elif as_csv:
        _print_csv(result.hits)
    elif filtered_out:
        say("nothing similar was found: no item passes the filter (of attributes, '5' finds texts and 5 finds numbers)")
    else:
        show(result, pictures)


def show(result: SearchResult, pictures: bool | None = None) -> None:
    """Results for a person: a table with pictures at a terminal, else plain lines."""
    if not result.hits:
        say("nothing similar was found")
    elif sys.stdout.isatty():
        from podoba.cli.terminal.result_table import print_results

        print_results(result, pictures)
    else:
        print_table(("", "similarity", "probability", "label", "image", "id"), [_cells(hit) for hit in result.hits])


def _parts(texts: Sequence[str], boxes: Sequence[str]) -> list[Part]:
    from podoba.collection.search.query import parse_box, parse_part

    if len(boxes) > len(texts):
        raise typer.BadParameter(f"{len(boxes)} boxes for {len(texts)} pictures", param_hint="--box")
    try:
        drawn = [parse_box(text) for text in boxes]
        return [parse_part(text, drawn[i] if i < len(drawn) else None) for i, text in enumerate(texts)]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _is_item(part: Part) -> bool:
    return str(part.image).startswith("id:")


def _draw(result: SearchResult, path: Path) -> None:
    from podoba.images.locate import find_record
    from podoba.report.figures.evaluation import search_sheet

    if not result.asked:
        raise typer.BadParameter("--sheet needs a picture to ask with, not a descriptor alone")
    search_sheet(find_record(result.asked[0]), result.hits, find_record, path)
    say(f"drawn: {path}")


def _write(result: SearchResult, path: Path) -> None:

    path.write_text(result.to_page(), encoding="utf-8")
    say(f"written: {path}")


def _cells(hit: Hit) -> tuple[str, ...]:
    chance = "" if hit.probability is None else f"{hit.probability:.3f}"
    return str(hit.rank), f"{hit.similarity:.4f}", chance, hit.label or "", hit.uri, hit.id


def _print_csv(hits: list[Hit]) -> None:
    import csv

    from podoba.files import shown

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("rank", "id", "uri", "label", "similarity", "probability"))
    writer.writerows((hit.rank, hit.id, shown(hit.uri), hit.label, hit.similarity, hit.probability) for hit in hits)
