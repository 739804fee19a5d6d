"""`podoba export`, `podoba import` and `podoba copy`: what a collection holds, elsewhere and back."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, print_outcome, say
from podoba.cli.options import COLLECTION, JSON, WHERE
from podoba.cli.terminal.progress import meter


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
        print_json({"collection": str(collection), **vars(report), "why_exact": why_exact})
        return
    say(f"{report.rows} rows read: {report.added} items added, {report.replaced} replaced")
    if why_exact is not None:
        say(f"searching stays exact: {why_exact}")


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
