"""`podoba import`: descriptors that were computed elsewhere."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, say, say_skipped
from podoba.cli.options import COLLECTION, JSON
from podoba.cli.terminal.progress import meter


def import_(
    collection: Path = COLLECTION,
    file: Path = typer.Argument(
        ..., metavar="FILE", help="Descriptors as .parquet, .npz or .csv: exported, or of another program."
    ),
    model: str | None = typer.Option(None, "--model", help="The model that computed them, where the file does not say."),
    as_json: bool = JSON,
) -> None:
    """Add descriptors that were computed elsewhere.

    The file has a column descriptor (or embedding, vector) and one that names the image: uri (or path, image, file, filename).
    A row whose descriptor is missing, zero or not finite is left out and named.

    \b
    Examples:
      podoba import photos.podoba photos.parquet
      podoba import clip.podoba embeddings.npz --model clip-vit-b32
    """
    from podoba.collection.collection import Collection
    from podoba.collection.transfer.formats import open_descriptors

    open_descriptors(file.expanduser())  # before the collection is opened: a wrong name leaves no empty one
    with Collection.open(collection, create=True) as opened, meter() as show:
        report = opened.import_items(file, model)
        why_exact = opened.refresh_index(on_progress=show)
    if as_json:
        print_json({"collection": str(collection), **report.to_json(), "why_exact": why_exact})
        return
    say_skipped(report.skipped)
    say(f"{report.rows} rows read: {report.added} items added, {report.replaced} replaced")
    if why_exact is not None:
        say(f"searching stays exact: {why_exact}")
