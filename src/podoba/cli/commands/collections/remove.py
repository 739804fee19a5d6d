"""`podoba remove`: remove items from a collection."""

import typer

from podoba.cli.console import print_outcome
from podoba.cli.options import JSON, PLACE, WHERE


def remove(
    collection: str = PLACE,
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
    from podoba.scale.open import open_collection

    if not ids and where is None:
        raise typer.BadParameter("name ids, or a filter with --where")
    with open_collection(collection) as opened, opened.writing():
        count = opened.remove([opened.item(id_.removeprefix("id:")).id for id_ in ids or []], where)
    print_outcome(as_json, {"collection": str(collection), "removed": count}, f"{count} items removed")
