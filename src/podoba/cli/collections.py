"""`podoba search`, and what the commands on collections have in common."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import print_json, print_table, say
from podoba.cli.models import open_encoder

if TYPE_CHECKING:
    from podoba.collection.search import Hit

COLLECTION = typer.Argument(..., metavar="COLLECTION", help="The collection's file, such as photos.podoba.")
JSON = typer.Option(False, "--json", help="Print as JSON.")
WHERE = typer.Option(
    None, "--where", metavar="EXPR", help="Only items of this filter, such as \"label == 'cat' and width > 1000\"."
)


def search(
    collection: Path = COLLECTION,
    query: str = typer.Argument(..., metavar="IMAGE|id:ID", help="A picture, or an item of the collection by its id."),
    k: int = typer.Option(10, "-k", min=1, help="Number of results."),
    where: str | None = WHERE,
    min_probability: float | None = typer.Option(
        None, "--min-probability", min=0, max=1, help="Only results at least this likely to be of the query's kind."
    ),
    sheet: Path | None = typer.Option(None, "--sheet", help="Draw query and results into this PNG."),
    model: str | None = typer.Option(None, "--model", help="Where the collection's model is now, if it was moved."),
    as_json: bool = JSON,
    as_csv: bool = typer.Option(False, "--csv", help="Print as CSV."),
) -> None:
    """Find the images most like a picture.

    \b
    Examples:
      podoba search photos.podoba holiday.jpg
      podoba search photos.podoba holiday.jpg -k 30 --sheet results.png
      podoba search photos.podoba id:0123456789abcdef --where "width > 1000" --json
    """
    from podoba.collection.search import search as find
    from podoba.collection.store import Collection

    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv, not both")
    with Collection.open(collection, read_only=True) as opened:
        own = opened.item(query.removeprefix("id:")) if query.startswith("id:") else None
        encoder = None if own is not None or model is None else open_encoder(model)
        result = find(opened, query, encoder=encoder, k=k, where=where, min_probability=min_probability)
    if sheet is not None:
        from podoba.collection.origin import find_record
        from podoba.report.evaluation import search_sheet

        asked = own.uri if own is not None else str(Path(query).expanduser().absolute())
        search_sheet(find_record(asked), result.hits, find_record, sheet)
        say(f"drawn: {sheet}")
    if as_json:
        print_json(result.to_json())
    elif as_csv:
        _print_csv(result.hits)
    elif not result.hits:
        say("nothing similar was found")
    else:
        print_table(("", "similarity", "probability", "label", "image", "id"), [_cells(hit) for hit in result.hits])


def _cells(hit: Hit) -> tuple[str, ...]:
    chance = "" if hit.probability is None else f"{hit.probability:.3f}"
    return str(hit.rank), f"{hit.similarity:.4f}", chance, hit.label or "", hit.uri, hit.id


def _print_csv(hits: list[Hit]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("rank", "id", "uri", "label", "similarity", "probability"))
    writer.writerows((hit.rank, hit.id, hit.uri, hit.label, hit.similarity, hit.probability) for hit in hits)
