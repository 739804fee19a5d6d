"""`podoba remove`: remove items from a collection."""

from pathlib import Path

import typer

from podoba.cli.console import print_outcome
from podoba.cli.options import COLLECTION, JSON, WHERE


def remove(
    collection: Path = COLLECTION,
    ids: list[str] = typer.Argument(None, metavar="ID", help="Items to remove, as `podoba search` names them."),
    where: str | None = WHERE,
    as_json: bool = JSON,
) -> None:
    """Remove items; the images themselves stay where they are.

    \b
    Examples:
      podoba remove photos.podoba 0123456789abcdef
      podoba remove photos.podoba --where "label == 'screenshots'"
    """
    from podoba.collection.collection import Collection

    if not ids and where is None:
        raise typer.BadParameter("name ids, or a filter with --where")
    with Collection.open(collection) as opened, opened.writing():
        count = opened.remove([opened.item(id_.removeprefix("id:")).id for id_ in ids or []], where)
    print_outcome(as_json, {"collection": str(collection), "removed": count}, f"{count} items removed")
