"""Commands on a collection: index, search, info, check, remove, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import meter, print_json, print_line, print_table, say, say_skipped
from podoba.cli.models import open_encoder

if TYPE_CHECKING:
    from podoba.collection.search import Hit
    from podoba.models.encoder import Encoder

COLLECTION = typer.Argument(..., metavar="COLLECTION", help="The collection's file, such as photos.podoba.")
JSON = typer.Option(False, "--json", help="Print as JSON.")
WHERE = typer.Option(
    None, "--where", metavar="EXPR", help="Only items of this filter, such as \"label == 'cat' and width > 1000\"."
)


def index(
    collection: Path = COLLECTION,
    sources: list[str] = typer.Argument(..., metavar="SOURCE", help="Folder, CSV, Parquet, archive, named set or pattern."),
    model: str | None = typer.Option(
        None, "--model", help="Descriptor model of a new collection, which remembers it.  [default: starter]"
    ),
    as_json: bool = JSON,
) -> None:
    """Add images to a collection, or bring it up to date.

    Only what is new or changed is encoded; moved and vanished images are noticed; a bad one is named and skipped.

    \b
    Examples:
      podoba index photos.podoba ~/Pictures
      podoba index shop.podoba catalogue.csv more-images.zip --model runs/shop
      podoba index photos.podoba ~/Pictures --json
    """
    from podoba.collection.indexing import index_sources
    from podoba.collection.store import Collection
    from podoba.images.source import open_source

    opened = [open_source(source) for source in sources]
    encoder, remembered = _model_for(collection, model)
    with Collection.open(collection, create=True) as target, meter() as show:
        report = index_sources(
            target, opened, encoder, model=remembered, on_progress=lambda done, total: show("indexing", done, total)
        )
    if as_json:
        print_json(report.to_json())
        return
    say_skipped(report.skipped)
    print_line(
        f"{collection}: {report.seen} images seen, {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.vanished} vanished, {report.unchanged} unchanged, {len(report.skipped)} skipped, {report.seconds:.1f} s"
    )


def search(
    collection: Path = COLLECTION,
    query: str = typer.Argument(..., metavar="IMAGE|id:ID", help="A picture, or an item of the collection by its id."),
    k: int = typer.Option(10, "-k", min=1, help="Number of results."),
    where: str | None = WHERE,
    min_probability: float | None = typer.Option(
        None, "--min-probability", min=0, max=1, help="Only results at least this likely to be of the query's kind."
    ),
    sheet: Path | None = typer.Option(None, "--sheet", help="Draw query and results into this PNG."),
    model: str | None = typer.Option(None, "--model", help="Where the collection's model is now, if it was moved."),
    as_json: bool = JSON,
    as_csv: bool = typer.Option(False, "--csv", help="Print as CSV."),
) -> None:
    """Find the images most like a picture.

    \b
    Examples:
      podoba search photos.podoba holiday.jpg
      podoba search photos.podoba holiday.jpg -k 30 --sheet results.png
      podoba search photos.podoba id:0123456789abcdef --where "width > 1000" --json
    """
    from podoba.collection.search import search as find
    from podoba.collection.store import Collection

    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv, not both")
    with Collection.open(collection, read_only=True) as opened:
        own = opened.item(query.removeprefix("id:")) if query.startswith("id:") else None
        encoder = None if own is not None or model is None else open_encoder(model)
        result = find(opened, query, encoder=encoder, k=k, where=where, min_probability=min_probability)
    if sheet is not None:
        from podoba.collection.origin import find_record
        from podoba.report.evaluation import search_sheet

        asked = own.uri if own is not None else str(Path(query).expanduser().absolute())
        search_sheet(find_record(asked), result.hits, find_record, sheet)
        say(f"drawn: {sheet}")
    if as_json:
        print_json(result.to_json())
    elif as_csv:
        _print_csv(result.hits)
    elif not result.hits:
        say("nothing similar was found")
    else:
        print_table(("", "similarity", "probability", "label", "image", "id"), [_cells(hit) for hit in result.hits])


def info(collection: Path = COLLECTION, as_json: bool = JSON) -> None:
    """Show what a collection holds.

    \b
    Examples:
      podoba info photos.podoba
      podoba info photos.podoba --json
    """
    from podoba.collection.store import Collection

    with Collection.open(collection, read_only=True) as opened:
        facts = opened.info()
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        inner = ", ".join(f"{name} {fact}" for name, fact in value.items()) if isinstance(value, dict) else value
        print_line(f"{key}: {inner}")


def check(collection: Path = COLLECTION, as_json: bool = JSON) -> None:
    """Look for damage and for images that are gone.

    Exit 1 where something is found.

    \b
    Examples:
      podoba check photos.podoba
      podoba check photos.podoba --json
    """
    from podoba.collection.store import Collection

    with Collection.open(collection, read_only=True) as opened:
        problems = opened.check()
    if as_json:
        print_json({"collection": str(collection), "problems": problems})
    for line in [] if as_json else problems:
        print_line(line)
    if problems:
        raise typer.Exit(1)
    say(f"{collection}: all is well")


def remove(
    collection: Path = COLLECTION,
    ids: list[str] = typer.Argument(None, metavar="ID", help="Items to forget, as `podoba search` names them."),
    where: str | None = WHERE,
    as_json: bool = JSON,
) -> None:
    """Forget items; the images themselves stay where they are.

    \b
    Examples:
      podoba remove photos.podoba 0123456789abcdef
      podoba remove photos.podoba --where "label == 'screenshots'"
    """
    from podoba.collection.store import Collection

    if not ids and where is None:
        raise typer.BadParameter("name ids, or a filter with --where")
    with Collection.open(collection) as opened, opened.writing():
        count = opened.remove([opened.item(id_.removeprefix("id:")).id for id_ in ids or []], where)
    if as_json:
        print_json({"collection": str(collection), "removed": count})
        return
    say(f"{count} items forgotten")


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
    from podoba.collection.export import export as write
    from podoba.collection.store import Collection

    with Collection.open(collection, read_only=True) as opened:
        count = write(opened, out, where)
    if as_json:
        print_json({"collection": str(collection), "out": str(out), "items": count})
        return
    say(f"{count} items written to {out}")


def _model_for(path: Path, name: str | None) -> tuple[Encoder, str]:
    """The encoder to index with, and the name under which it is remembered: the given one, or the collection's, or `starter`."""
    from podoba.collection.search import open_encoder as encoder_of
    from podoba.collection.store import Collection

    if name is None and path.expanduser().exists():
        with Collection.open(path, read_only=True) as before:
            known = before.fact("model")
            if known is not None:
                return encoder_of(before), known
    name = name or "starter"
    place = Path(name).expanduser()
    # A path is remembered in full, so that a search finds the model from any folder.
    return open_encoder(name), str(place.absolute()) if place.exists() else name


def _cells(hit: Hit) -> tuple[str, ...]:
    chance = "" if hit.probability is None else f"{hit.probability:.3f}"
    return str(hit.rank), f"{hit.similarity:.4f}", chance, hit.label or "", hit.uri, hit.id


def _print_csv(hits: list[Hit]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("rank", "id", "uri", "label", "similarity", "probability"))
    writer.writerows((hit.rank, hit.id, hit.uri, hit.label, hit.similarity, hit.probability) for hit in hits)
