"""`podoba vectors ...`."""

import typer

from podoba.cli.console import confirmed, print_facts, print_json, print_outcome, say, say_skipped
from podoba.cli.options import JSON, WHERE
from podoba.cli.terminal.progress import meter

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Collections in a vector database: load, look at, remove.")
ADDRESS = typer.Argument(
    ...,
    metavar="ADDRESS",
    help="Such as milvus://HOST:PORT/NAME; milvuss:// is encrypted; variable MILVUS_TOKEN: USER:PASSWORD.",
)


@app.command()
def load(
    address: str = ADDRESS,
    folder: str = typer.Argument(
        ..., metavar="FOLDER", help="Shards, as `podoba index --into` wrote them; or a .parquet of `podoba export`."
    ),
    replicas: int | None = typer.Option(
        None, "--replicas", min=1, max=64, help="How many times the server holds it in memory, each on nodes of its own."
    ),
    shards: int | None = typer.Option(
        None, "--shards", min=1, max=64, help="Parts in which a new collection is written, each by a node.  [default: 1]"
    ),
    again: bool = typer.Option(False, "--again", help="Also what was loaded before."),
    as_json: bool = JSON,
) -> None:
    """Load descriptors into a vector database, and let it build its index.

    A collection that is not there is made. An image that is there already is replaced. What the server has acknowledged is
    noted: after an interruption the same command goes on. Search it as `podoba search ADDRESS IMAGE`.

    \b
    Examples:
      podoba vectors load milvus://localhost:19530/photos descriptors
      podoba vectors load milvus://db.local/photos s3://bucket/descriptors --shards 4 --replicas 2
    """
    from podoba.scale.vectors.loading.load import load as load_folder

    with meter() as show:
        report = load_folder(address, folder, replicas=replicas, shards=shards, again=again, on_progress=show)
    if as_json:
        print_json({"collection": _shown(address), **report.to_json()})
        return
    say_skipped(report.skipped)
    known = f", {report.known} were loaded before" if report.known else ""
    stale = f", {report.stale} that their source no longer has were left out" if report.stale else ""
    written = f"{report.rows} items written in {report.seconds:.0f} s, {report.items} in all"
    say(f"{report.shards} shards loaded{known}{stale}: {written}")


@app.command()
def info(address: str = ADDRESS, as_json: bool = JSON) -> None:
    """Show what a collection in a vector database holds.

    \b
    Examples:
      podoba vectors info milvus://localhost:19530/photos
      podoba vectors info milvus://localhost:19530/photos --json
    """
    from podoba.scale.vectors.open import open_vectors

    with open_vectors(address) as vectors:
        facts = vectors.store.info()
    print_facts(facts, as_json)


@app.command()
def remove(
    address: str = ADDRESS,
    where: str | None = WHERE,
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
    as_json: bool = JSON,
) -> None:
    """Remove a collection from a vector database, or with --where items of it; images, shards and marks stay.

    \b
    Examples:
      podoba vectors remove milvus://localhost:19530/photos --where "label == 'screenshots'"
      podoba vectors remove milvus://localhost:19530/photos --yes
    """
    from podoba.errors import CollectionError
    from podoba.scale.vectors.open import open_vectors, remove_vectors

    with open_vectors(address) as vectors:
        name, count = vectors.store.name, vectors.store.items.count(where)
        what = f"{count} items of {name}" if where is not None else f"{name} with its {count} items"
        if not yes and not confirmed(f"Remove {what}?"):
            raise CollectionError(f"{name}: nothing was removed: say yes, or give --yes")
        if where is not None:
            count = vectors.store.items.remove(where=where)
    if where is None:
        remove_vectors(address)
    print_outcome(as_json, {"collection": name, "removed": count}, f"removed: {what}")


def _shown(address: str) -> str:
    from podoba.scale.vectors.address import parse_address

    return str(parse_address(address))
