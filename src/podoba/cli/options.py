"""What the commands on collections have in common."""

from __future__ import annotations

import typer

COLLECTION = typer.Argument(..., metavar="COLLECTION", help="The collection's file, such as photos.podoba.")
JSON = typer.Option(False, "--json", help="Print as JSON.")
WHERE = typer.Option(
    None, "--where", metavar="EXPR", help="Only items of this filter, such as \"label == 'cat' and width > 1000\"."
)
