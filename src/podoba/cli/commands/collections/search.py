"""`podoba search`."""

import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from podoba.cli.console import print_json, say
from podoba.cli.options import CSV, DEVICE, JSON, MOVED_MODEL, PLACE, WHERE, Device, usage

QUERIES = typer.Argument(
    ...,
    metavar="IMAGE|id:ID|text:WORDS",
    help="Pictures, items of the collection by id, words, descriptors (.npy); a weight as a.jpg@0.5.",
)
UNWANTED = typer.Option(
    [],
    "--not",
    metavar="IMAGE|id:ID|text:WORDS",
    help="What the results should be unlike; may be repeated; a weight as c.jpg@0.1.",
)
BOXES = typer.Option(
    [], "--box", metavar="X,Y,W,H", help="Only this part of the first picture, in its pixels; repeated: of the second ..."
)
COUNT = typer.Option(10, "-k", min=1, help="Number of results.")
MIN_PROBABILITY = typer.Option(
    None, "--min-probability", min=0, max=1, help="Only results at least this likely to be of the query's kind."
)
MIN_SCORE = typer.Option(
    None,
    "--min-score",
    help="With words: only results this many standard deviations above what is usual in the collection, such as 2.",
)
DIVERSITY = typer.Option(
    0.0, "--diversity", min=0, max=1, help="How much a result loses by being like the ones before it, such as 0.5."
)
RERANK = typer.Option(
    None,
    "--rerank",
    metavar="NAME",
    help="Another order: exemplar, k-reciprocal, query-expansion, whitening, database-augmentation (see docs/how-to/search.md).",
)
FEEDBACK = typer.Option(
    None,
    "--feedback",
    metavar="[NAME]",
    help="Use what was marked of these pictures (`podoba mark`): linear-probe, which is usual, or rocchio.",
)
WITH_ITSELF = typer.Option(
    False, "--with-itself", help="Among the results also the query itself: an item at its place, or of the same bytes."
)
PICTURES = typer.Option(
    None,
    "--pictures/--no-pictures",
    help="Draw the results in the terminal; by itself it does so where the terminal has a protocol for pictures.",
)
SHEET = typer.Option(None, "--sheet", help="Draw query and results into this PNG.")
PAGE = typer.Option(None, "--html", help="Write the results with their pictures as one HTML file.")


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
    collection: str = PLACE,
    queries: list[str] = QUERIES,
    unwanted: list[str] = UNWANTED,
    boxes: list[str] = BOXES,
    k: int = COUNT,
    where: str | None = WHERE,
    min_probability: float | None = MIN_PROBABILITY,
    min_score: float | None = MIN_SCORE,
    diversity: float = DIVERSITY,
    rerank: str | None = RERANK,
    feedback: str | None = FEEDBACK,
    with_itself: bool = WITH_ITSELF,
    pictures: bool | None = PICTURES,
    sheet: Path | None = SHEET,
    page: Path | None = PAGE,
    model: str | None = MOVED_MODEL,
    device: Device | None = DEVICE,
    as_json: bool = JSON,
    as_csv: bool = CSV,
) -> None:
    """Find the images most like a picture or words, or like several and unlike others.

    \b
    Examples:
      podoba search photos.podoba holiday.jpg
      podoba search photos.podoba beach.jpg dog.jpg@0.5 --not sunset.jpg --diversity 0.3
      podoba search photos.podoba "text:red car at night" --not "text:snow" --min-score 2
      podoba search photos.podoba street.jpg --box 120,80,300,200 --html found.html
      podoba search milvus://127.0.0.1:19530/photos holiday.jpg
      podoba search photos.podoba id:0123456789abcdef --where "width > 1000" --json
    """
    if pictures and (as_json or as_csv or not sys.stdout.isatty()):
        raise typer.BadParameter("--pictures draws in a terminal; --html FILE and --sheet FILE write them")
    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv, not both")
    from podoba.cli.encoders import open_encoder
    from podoba.cli.terminal.collections import print_hits, say_itself
    from podoba.collection.search.written import parse_parts
    from podoba.scale.open import open_collection

    with usage():
        wanted, refused = parse_parts(queries, boxes), parse_parts(unwanted)
    with open_collection(collection, read_only=True, device=device) as opened:
        result = opened.search(
            wanted, unwanted=refused, encoder=None if model is None else open_encoder(model, device=device), k=k, where=where,
            min_probability=min_probability, min_score=min_score, diversity=diversity, rerank=rerank, feedback=feedback,
            with_itself=with_itself,
        )  # fmt: skip
        filtered_out = where is not None and not result.hits and not opened.count(where)
    if result.marks == 0:
        say("nothing was marked of this query yet (`podoba mark`), so nothing was learned from")
    if sheet is not None:
        from podoba.report.figures.evaluation import search_sheet

        search_sheet(result, sheet)
        say(f"drawn: {sheet}")
    if page is not None:
        result.write_page(page)
        say(f"written: {page}")
    if not as_json:
        say_itself(result, {str(part.image).removeprefix("id:") for part in (*wanted, *refused)})
    if as_json:
        print_json(result.to_json())
    elif as_csv:
        sys.stdout.write(result.to_csv())
    elif filtered_out:
        say("nothing similar was found: no item passes the filter (of attributes, '5' finds texts and 5 finds numbers)")
    else:
        print_hits(result, pictures)
