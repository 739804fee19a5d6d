"""`podoba check`: look for damage, and repair it."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, print_line, say
from podoba.cli.options import COLLECTION, JSON
from podoba.cli.terminal.progress import meter


def check(
    collection: Path = COLLECTION,
    repair: bool = typer.Option(False, "--repair", help="Repair what can be repaired; damaged items are removed."),
    images: bool = typer.Option(False, "--images", help="Decode every image too, and name those that are damaged."),
    as_json: bool = JSON,
) -> None:
    """Look for damage, for missing images, and for a stale cache.

    Exit 1 where something is found (with --repair: where something is left).

    \b
    Examples:
      podoba check photos.podoba
      podoba check photos.podoba --images
      podoba check photos.podoba --repair
    """
    from podoba.collection.collection import Collection

    done: list[str] = []
    with Collection.open(collection, read_only=not repair) as opened:
        if repair:
            with meter() as show:
                done = opened.repair(show)
        with meter() as show:
            problems = opened.check(images, show)
    if as_json:
        print_json({"collection": str(collection), "problems": problems, "repaired": done})
    for line in [] if as_json else done:
        say(f"repaired: {line}")
    for line in [] if as_json else problems:
        print_line(line)
    if problems:
        raise typer.Exit(1)
    say(f"{collection}: all is well")
