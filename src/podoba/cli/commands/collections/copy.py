"""`podoba copy`: a backup."""

from pathlib import Path

import typer

from podoba.cli.console import print_outcome
from podoba.cli.options import COLLECTION, JSON


def copy(
    collection: Path = COLLECTION,
    out: Path = typer.Argument(..., metavar="OUT", help="The new file, which must not exist."),
    as_json: bool = JSON,
) -> None:
    """Copy a collection safely, also while another process writes to it.

    \b
    Examples:
      podoba copy photos.podoba /backup/photos.podoba
    """
    from podoba.collection.collection import Collection

    with Collection.open(collection, read_only=True) as opened:
        opened.copy_to(out)
    print_outcome(as_json, {"collection": str(collection), "out": str(out)}, f"copied to {out}")
