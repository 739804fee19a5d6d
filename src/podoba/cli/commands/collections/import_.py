"""`podoba import`: descriptors that were computed elsewhere."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, say, say_skipped
from podoba.cli.options import COLLECTION, JSON
from podoba.cli.terminal.progress import meter
from podoba.files import is_address


def import_(
    collection: Path = COLLECTION,
    file: str = typer.Argument(
        ...,
        metavar="FILE",
        help="Descriptors as .parquet, .npz or .csv: exported, or of another program. Or a folder of shards, also at an address.",
    ),
    model: str | None = typer.Option(None, "--model", help="The model that computed them, where the file does not say."),
    as_json: bool = JSON,
) -> None:
    """Add descriptors that were computed elsewhere.

    The file has a column descriptor (or embedding, vector) and one that names the image: uri (or path, image, file, filename).
    A row whose descriptor is missing, zero or not finite is left out and named.

    Of a folder that `podoba index --into` wrote to all shards are taken that were not imported before. An image that changed
    since is replaced; none is removed. `podoba index` then finds its sources unchanged.

    \b
    Examples:
      podoba import photos.podoba photos.parquet
      podoba import clip.podoba embeddings.npz --model clip-vit-b32
      podoba import photos.podoba s3://bucket/descriptors
    """
    from podoba.collection.collection import Collection
    from podoba.collection.transfer.formats import open_descriptors

    if is_address(file) or Path(file).expanduser().is_dir():
        _import_folder(collection, file, model, as_json)
        return
    path = Path(file).expanduser()
    open_descriptors(path)  # before the collection is opened: a wrong name leaves no empty one
    with Collection.open(collection, create=True) as opened, meter() as show:
        report = opened.import_items(path, model)
        why_exact = opened.refresh_index(on_progress=show)
    if as_json:
        print_json({"collection": str(collection), **report.to_json(), "why_exact": why_exact})
        return
    say_skipped(report.skipped)
    say(f"{report.rows} rows read: {report.added} items added, {report.replaced} replaced")
    if why_exact is not None:
        say(f"searching stays exact: {why_exact}")


def _import_folder(collection: Path, place: str, model: str | None, as_json: bool) -> None:
    from podoba.collection.collection import Collection
    from podoba.scale.encoding.importing import import_folder, shard_files

    shard_files(place)  # as above
    with Collection.open(collection, create=True) as opened, meter() as show:
        report = import_folder(opened.store, place, model, on_progress=show)
        why_exact = opened.refresh_index(on_progress=show)
    if as_json:
        print_json({"collection": str(collection), **report.to_json(), "why_exact": why_exact})
        return
    say_skipped(report.skipped)
    stale = f", {report.stale} left out: their source no longer has them" if report.stale else ""
    read = f"{report.shards} shards read, {report.known} were imported before{stale}"
    say(f"{read}: {report.added} items added, {report.replaced} replaced")
    if why_exact is not None:
        say(f"searching stays exact: {why_exact}")
