"""`podoba export`: write a collection for other programs."""

from pathlib import Path

import typer

from podoba.cli.console import print_outcome
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
    print_outcome(as_json, {"collection": str(collection), "out": str(out), "items": count}, f"{count} items written to {out}")
