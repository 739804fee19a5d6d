"""`podoba map`."""

import sys
from pathlib import Path
from typing import Literal

import typer

from podoba.cli.console import print_json, say
from podoba.cli.options import COLLECTION, JSON
from podoba.cli.terminal.progress import meter


def map_(
    collection: Path = COLLECTION,
    layout: Literal["pca", "umap"] = typer.Option(
        "pca", "--layout", help="pca: principal components, at once; umap: by neighbours, which takes longer and is kept."
    ),
    again: bool = typer.Option(False, "--again", help="Make the kept map anew, such as after many images came."),
    page: Path | None = typer.Option(None, "--html", metavar="FILE", help="Write the map and its clusters as one HTML file."),
    table: Path | None = typer.Option(None, "--csv", metavar="FILE", help="Write place and cluster of each item; - for stdout."),
    as_json: bool = JSON,
) -> None:
    """Lay a collection out as a map, look-alikes near each other, and list its clusters.

    The map by neighbours (`pip install 'podoba[map]'`) is kept beside the collection, where `podoba serve` shows it.

    \b
    Examples:
      podoba map photos.podoba
      podoba map photos.podoba --layout umap
      podoba map photos.podoba --layout umap --html map.html
      podoba map photos.podoba --csv places.csv
    """
    if page is not None and table is not None:
        raise typer.BadParameter("one of --html and --csv, not both", param_hint="--csv")
    to_stdout = table is not None and str(table) == "-"
    if to_stdout and as_json:
        raise typer.BadParameter("--json and --csv - both print on stdout", param_hint="--csv")
    if again and layout == "pca":
        raise typer.BadParameter("PCA is made at once and not kept", param_hint="--again")
    from podoba.cli.terminal.collections import print_clusters
    from podoba.collection.collection import Collection
    from podoba.collection.map.outline import outline
    from podoba.collection.map.page import described, write_page
    from podoba.files import write_text

    with Collection.open(collection, read_only=True) as opened:
        with meter() as show:
            made = opened.map(layout, again=again, on_progress=show)
        found = outline(opened.index, made)
        if page is not None:
            write_page(found, str(collection), page)
    if to_stdout:
        sys.stdout.write(found.to_csv())
    elif table is not None:
        write_text(table, found.to_csv())
    for path in (page, None if to_stdout else table):
        if path is not None:
            say(f"written: {path}")
    if as_json:
        print_json({"collection": str(collection), **found.to_json()})
    elif not to_stdout:
        say(described(found))
        print_clusters(found.clusters)
