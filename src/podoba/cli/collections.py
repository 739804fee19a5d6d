"""Commands on a collection: index, search, info, check, remove, export."""

from __future__ import annotations

from pathlib import Path

import typer

from podoba.cli.console import meter, print_json, results, say

COLLECTION = typer.Argument(..., metavar="COLLECTION", help="The collection's file, such as photos.podoba.")
JSON = typer.Option(False, "--json", help="Print as JSON.")
WHERE = typer.Option(None, "--where", help="Only items of this filter, such as 'label == \"cat\" and width > 1000'.")


def index(
    collection: Path = COLLECTION,
    sources: list[str] = typer.Argument(..., metavar="SOURCE...", help="Folders, CSV, Parquet, archives, named sets, patterns."),
    model: str | None = typer.Option(None, "--model", help="Descriptor model; the collection remembers it.  [default: starter]"),
    as_json: bool = JSON,
) -> None:
    """Add images to a collection; again and again, only what is new or changed is encoded.

    Examples:

      podoba index photos.podoba ~/Pictures

      podoba index shop.podoba catalogue.csv --model runs/shop
    """
    from podoba.collection.indexing import index_sources
    from podoba.collection.store import Collection
    from podoba.images.source import open_source
    from podoba.models.names import open_model

    opened = [open_source(source) for source in sources]
    fresh = not collection.exists()
    name = model or "starter"
    if not fresh:
        with Collection.open(collection) as before:
            name = model or before.fact("model") or name
    encoder = open_model(name)
    kept = name if ":" in name or name == "starter" or name.startswith("timm/") else str(Path(name).expanduser().absolute())
    with Collection.open(collection, create=True) as target, meter() as show:
        report = index_sources(target, opened, encoder, model=kept, on_progress=lambda done, total: show("indexing", done, total))
    if as_json:
        print_json(report.to_json())
        return
    for row in report.skipped:
        say(f"skipped: {_shown(row.uri)}: {row.reason}")
    say(
        f"{collection}: {report.seen} images seen, {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.vanished} vanished, {report.unchanged} unchanged, {len(report.skipped)} skipped, {report.seconds:.1f} s"
    )


def search(
    collection: Path = COLLECTION,
    query: str = typer.Argument(..., metavar="IMAGE|id:ID", help="A picture, or an item of the collection by its id."),
    k: int = typer.Option(10, "-k", min=1, help="Number of results."),
    where: str | None = WHERE,
    min_probability: float | None = typer.Option(
        None, "--min-probability", min=0, max=1, help="Only results at least this likely."
    ),
    sheet: Path | None = typer.Option(None, "--sheet", help="Draw query and results into this PNG."),
    as_json: bool = JSON,
    as_csv: bool = typer.Option(False, "--csv", help="Print as CSV."),
) -> None:
    """Find the images most like a picture.

    Examples:

      podoba search photos.podoba holiday.jpg

      podoba search photos.podoba id:0123456789abcdef -k 20 --where 'width > 1000' --json
    """
    from podoba.collection.search import search as find
    from podoba.collection.store import Collection
    from podoba.models.names import open_model

    with Collection.open(collection, read_only=True) as opened:
        name = opened.fact("model")
        encoder = None if query.startswith("id:") or name is None else open_model(name)
        result = find(opened, query, encoder=encoder, k=k, where=where, min_probability=min_probability)
        own = opened.item(query.removeprefix("id:")) if query.startswith("id:") else None
    if sheet is not None:
        from podoba.collection.origin import find_record
        from podoba.report.evaluation import search_sheet

        search_sheet(find_record(own.uri if own else str(Path(query).absolute())), result.hits, find_record, sheet)
        say(f"drawn: {sheet}")
    if as_json:
        print_json(result.to_json())
        return
    if as_csv:
        _print_csv([vars(hit) for hit in result.hits])
        return
    if not result.hits:
        say("nothing similar was found")
        return
    from rich.table import Table

    table = Table("", "similarity", "probability", "label", "image", "id")
    for hit in result.hits:
        chance = "" if hit.probability is None else f"{hit.probability:.3f}"
        table.add_row(str(hit.rank), f"{hit.similarity:.4f}", chance, hit.label or "", _shown(hit.uri), hit.id)
    results().print(table)


def info(collection: Path = COLLECTION, as_json: bool = JSON) -> None:
    """What a collection holds.

    Example:

      podoba info photos.podoba --json
    """
    from podoba.collection.store import Collection

    with Collection.open(collection, read_only=True) as opened:
        facts = opened.info()
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        results().print(f"{key}: {value}", markup=False)


def check(collection: Path = COLLECTION, as_json: bool = JSON) -> None:
    """Look for damage and for images that are gone; exit 1 where something is found.

    Example:

      podoba check photos.podoba
    """
    from podoba.collection.store import Collection

    with Collection.open(collection, read_only=True) as opened:
        problems = opened.check()
    if as_json:
        print_json({"collection": str(collection), "problems": problems})
    for line in [] if as_json else problems:
        results().print(_shown(line), markup=False)
    if problems:
        raise typer.Exit(1)
    say(f"{collection}: all is well")


def remove(
    collection: Path = COLLECTION,
    ids: list[str] = typer.Argument(None, metavar="[ID...]", help="Items to forget."),
    where: str | None = WHERE,
) -> None:
    """Forget items; the images themselves stay where they are.

    Example:

      podoba remove photos.podoba --where 'label == "screenshots"'
    """
    from podoba.collection.store import Collection

    if not ids and where is None:
        raise typer.BadParameter("name ids, or a filter with --where")
    with Collection.open(collection) as opened, opened.writing():
        chosen = [opened.item(id_.removeprefix("id:")).id for id_ in ids or []]
        chosen += [item.id for item in opened.items(where)] if where is not None else []
        with opened.transaction():
            count = opened.remove(chosen)
    say(f"{count} items removed")


def export(
    collection: Path = COLLECTION,
    out: Path = typer.Argument(..., metavar="OUT.parquet|.csv|.npz"),
    where: str | None = WHERE,
) -> None:
    """Write ids, places, labels, descriptors and attributes for other programs.

    Example:

      podoba export photos.podoba photos.parquet
    """
    from podoba.collection.export import export as write
    from podoba.collection.store import Collection

    with Collection.open(collection, read_only=True) as opened:
        count = write(opened, out, where)
    say(f"{count} items written to {out}")


def _shown(text: str) -> str:
    """A name that cannot break the line or the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def _print_csv(rows: list[dict[str, object]]) -> None:
    import csv
    import sys

    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
