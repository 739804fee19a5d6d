"""`podoba export`: write a collection for other programs."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, say
from podoba.cli.options import COLLECTION, JSON, WHERE


def export(
    collection: Path = COLLECTION,
    out: Path = typer.Argument(..., metavar="OUT", help="A name that ends in .parquet, .csv or .npz."),
    where: str | None = WHERE,
    as_json: bool = JSON,
) -> None:
    """Write ids, places, labels, descriptors and attributes for other programs.

    \b
    Examples:
      podoba export photos.podoba photos.parquet
      podoba export photos.podoba cats.csv --where "label == 'cat'"
    """
    from podoba.collection.collection import Collection

    with Collection.open(collection, read_only=True) as opened:
        count = opened.export(out, where)
    if as_json:
        print_json({"collection": str(collection), "out": str(out), "items": count})
        return
    say(f"{count} items written to {out}")
