"""Commands that look after a collection: info, check, remove, export, import, copy."""

from __future__ import annotations

from pathlib import Path

import typer

from podoba.cli.console import meter, print_json, print_line, say
from podoba.cli.options import COLLECTION, JSON, WHERE


def info(collection: Path = COLLECTION, as_json: bool = JSON) -> None:
    """Show what a collection holds.

    \b
    Examples:
      podoba info photos.podoba
      podoba info photos.podoba --json
    """
    from podoba.collection.collection import Collection

    with Collection.open(collection, read_only=True) as opened:
        facts = opened.info()
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            print_line(f"{key}: {', '.join(f'{name} {fact}' for name, fact in value.items() if fact is not None)}")
        elif isinstance(value, list):
            print_line(f"{key}: {', '.join(map(str, value)) or 'none'}")
        elif value is not None:
            print_line(f"{key}: {value}")


def check(
    collection: Path = COLLECTION,
    repair: bool = typer.Option(False, "--repair", help="Mend what can be mended; damaged items are forgotten."),
    as_json: bool = JSON,
) -> None:
    """Look for damage, for images that are gone, and for a stale cache.

    Exit 1 where something is found (with --repair: where something is left).

    \b
    Examples:
      podoba check photos.podoba
      podoba check photos.podoba --repair
    """
    from podoba.collection.collection import Collection

    done: list[str] = []
    with Collection.open(collection, read_only=not repair) as opened:
        if repair:
            with meter() as show:
                done = opened.repair(show)
        problems = opened.check()
    if as_json:
        print_json({"collection": str(collection), "problems": problems, "repaired": done})
    for line in [] if as_json else done:
        say(f"repaired: {line}")
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
    from podoba.collection.collection import Collection

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
    from podoba.collection.collection import Collection

    with Collection.open(collection, read_only=True) as opened:
        count = opened.export(out, where)
    if as_json:
        print_json({"collection": str(collection), "out": str(out), "items": count})
        return
    say(f"{count} items written to {out}")


def import_(
    collection: Path = COLLECTION,
    file: Path = typer.Argument(
        ..., metavar="FILE", help="Descriptors as .parquet, .npz or .csv: exported, or of another program."
    ),
    model: str | None = typer.Option(None, "--model", help="The model that made them, where the file does not say."),
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
    if as_json:
        print_json({"collection": str(collection), "out": str(out)})
        return
    say(f"copied to {out}")
